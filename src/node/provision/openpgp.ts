import { createHash } from 'node:crypto';

const PUBLIC_KEY = 6;
const BLOCK = /-----BEGIN PGP PUBLIC KEY BLOCK-----\r?\n([\s\S]*?)-----END PGP PUBLIC KEY BLOCK-----/g;

/**
 * Fingerprints, in upper case, of every primary key in an armoured OpenPGP file (version 4, RFC 4880). All of them,
 * because apt trusts every key in the file. Throws if the file cannot be parsed.
 */
export function fingerprints(armoured: string): string[] {
  const blocks = [...armoured.matchAll(BLOCK)].map((match) => match[1] ?? '');
  if (blocks.length === 0) throw new Error('it is not an armoured OpenPGP public key');
  return blocks.flatMap((block) =>
    packets(decode(block))
      .filter(({ tag }) => tag === PUBLIC_KEY)
      .map(fingerprint),
  );
}

/**
 * The key with that fingerprint alone, armoured, out of a file that may hold several; undefined where it is not there. A
 * repository that changes its key publishes the old and the new one in one file for a while. Throws if it cannot be read.
 */
export function onlyKey(armoured: string, wanted: string): string | undefined {
  for (const [, block = ''] of armoured.matchAll(BLOCK)) {
    const all = packets(decode(block));
    const begins = all.findIndex((packet) => packet.tag === PUBLIC_KEY && fingerprint(packet) === wanted);
    if (begins < 0) continue;
    const next = all.findIndex(({ tag }, at) => at > begins && tag === PUBLIC_KEY);
    const own = all.slice(begins, next < 0 ? undefined : next);
    const lines = Buffer.concat(own.map(({ bytes }) => bytes))
      .toString('base64')
      .replace(/.{64}/g, '$&\n');
    return `-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n${lines}\n-----END PGP PUBLIC KEY BLOCK-----\n`;
  }
  return undefined;
}

interface Packet {
  readonly tag: number;
  readonly body: Buffer;
  /** All of it, header included. */
  readonly bytes: Buffer;
}

function fingerprint({ body }: Packet): string {
  if (body[0] !== 4) throw new Error('it holds a key that is not of version 4');
  const head = Buffer.from([0x99, body.length >> 8, body.length & 0xff]);
  return createHash('sha1').update(head).update(body).digest('hex').toUpperCase();
}

/** Headers end at the first empty line; a line that starts with `=` is a checksum. */
function decode(block: string): Buffer {
  const lines = block.split(/\r?\n/);
  const data = lines.slice(lines.indexOf('') + 1).filter((line) => !line.startsWith('='));
  return Buffer.from(data.join(''), 'base64');
}

function packets(bytes: Buffer): Packet[] {
  const found: Packet[] = [];
  for (let at = 0; at < bytes.length; ) {
    const { tag, start, length } = header(bytes, at);
    if (start + length > bytes.length) throw new Error('it ends in the middle of a packet');
    const end = start + length;
    found.push({ tag, body: bytes.subarray(start, end), bytes: bytes.subarray(at, end) });
    at = start + length;
  }
  return found;
}

function header(bytes: Buffer, at: number): { tag: number; start: number; length: number } {
  const head = bytes.readUInt8(at);
  if (!(head & 0x80)) throw new Error('it is not made of OpenPGP packets');
  if (head & 0x40) {
    const tag = head & 0x3f;
    const first = bytes.readUInt8(at + 1);
    if (first < 192) return { tag, start: at + 2, length: first };
    if (first < 224)
      return { tag, start: at + 3, length: ((first - 192) << 8) + bytes.readUInt8(at + 2) + 192 };
    if (first === 255) return { tag, start: at + 6, length: bytes.readUInt32BE(at + 2) };
  } else {
    const octets = [1, 2, 4][head & 3];
    if (octets)
      return { tag: (head >> 2) & 0xf, start: at + 1 + octets, length: bytes.readUIntBE(at + 1, octets) };
  }
  throw new Error('it holds a packet of unknown length, which keys do not have');
}
