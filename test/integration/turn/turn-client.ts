import { createHash, createHmac, randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

const COOKIE = 0x2112a442;
const METHOD = { allocate: 0x003, createPermission: 0x008, channelBind: 0x009, connect: 0x00a };
const INDICATION = { send: 0x016, data: 0x017 };
const ATTRIBUTE = {
  username: 0x0006,
  messageIntegrity: 0x0008,
  errorCode: 0x0009,
  channel: 0x000c,
  peer: 0x0012,
  data: 0x0013,
  realm: 0x0014,
  nonce: 0x0015,
  requestedFamily: 0x0017,
  requestedTransport: 0x0019,
} as const;
const UDP = 17;
/** Of RFC 6062 and RFC 6156. */
const TCP = 6;
const IPV6 = 2;
/** The first of those that clients choose. */
const CHANNEL = 0x4000;

type Attributes = Map<number, Buffer>;
interface Message {
  readonly type: number;
  readonly id: string;
  readonly attributes: Attributes;
}

export interface Peer {
  readonly address: string;
  readonly port: number;
}

/** The part of TURN over TCP (RFC 8656) that allocates a relay, permits a peer, and sends to it. */
export class TurnClient {
  private readonly answers = new Map<string, (message: Message) => void>();
  private readonly credentials: Attributes = new Map();
  private readonly heard: string[] = [];
  private wake = () => {};
  private key: Buffer | undefined;
  private unread: Buffer = Buffer.alloc(0);
  private closed = false;

  private constructor(private readonly socket: Socket) {
    socket.on('data', (data) => this.read(data));
    socket.on('close', () => {
      this.closed = true;
    });
    socket.on('error', () => {});
  }

  static async connect(port: number): Promise<TurnClient> {
    const socket = connect(port, '127.0.0.1');
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return new TurnClient(socket);
  }

  /** Allocates a relay. Returns 0, or the error code. */
  async allocate(
    username: string,
    password: string,
    kind: { readonly tcp?: boolean; readonly ipv6?: boolean } = {},
  ): Promise<number> {
    const transport: Attributes = new Map([
      [ATTRIBUTE.requestedTransport, Buffer.from([kind.tcp ? TCP : UDP, 0, 0, 0])],
    ]);
    if (kind.ipv6) transport.set(ATTRIBUTE.requestedFamily, Buffer.from([IPV6, 0, 0, 0]));
    const { attributes } = await this.request(METHOD.allocate, transport);
    const realm = attributes.get(ATTRIBUTE.realm) ?? Buffer.alloc(0);
    this.credentials.set(ATTRIBUTE.username, Buffer.from(username));
    this.credentials.set(ATTRIBUTE.realm, realm);
    this.credentials.set(ATTRIBUTE.nonce, attributes.get(ATTRIBUTE.nonce) ?? Buffer.alloc(0));
    this.key = createHash('md5').update(`${username}:${realm}:${password}`).digest();
    return codeOf(await this.request(METHOD.allocate, transport));
  }

  /** Creates a permission for a peer. Returns 0, or the error code. */
  async permit(peer: Peer): Promise<number> {
    return this.ask(METHOD.createPermission, peer);
  }

  /** Binds a channel to a peer. Returns 0, or the error code. */
  async bindChannel(peer: Peer): Promise<number> {
    const channel = Buffer.alloc(4);
    channel.writeUInt16BE(CHANNEL);
    return this.ask(METHOD.channelBind, peer, new Map([[ATTRIBUTE.channel, channel]]));
  }

  sendOnChannel(text: string): void {
    const data = Buffer.from(text);
    const message = Buffer.alloc(4 + data.length + ((4 - (data.length % 4)) % 4));
    message.writeUInt16BE(CHANNEL);
    message.writeUInt16BE(data.length, 2);
    data.copy(message, 4);
    this.socket.write(message);
  }

  /** Opens a TCP connection to a peer. Returns 0, or the error code. */
  async connectTo(peer: Peer): Promise<number> {
    return this.ask(METHOD.connect, peer);
  }

  send(peer: Peer, text: string): void {
    const id = randomBytes(12);
    const attributes: Attributes = new Map([
      [ATTRIBUTE.peer, addressOf(peer, id)],
      [ATTRIBUTE.data, Buffer.from(text)],
    ]);
    this.socket.write(encode(INDICATION.send, id, attributes));
  }

  /** Whether a text is received within this number of milliseconds. */
  async hears(text: string, within: number): Promise<boolean> {
    const deadline = Date.now() + within;
    while (!this.heard.includes(text) && Date.now() < deadline) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
        setTimeout(resolve, deadline - Date.now());
      });
    }
    return this.heard.includes(text);
  }

  get isOpen(): boolean {
    return !this.closed;
  }

  close(): void {
    this.socket.destroy();
  }

  private async ask(method: number, peer: Peer, attributes: Attributes = new Map()): Promise<number> {
    const id = randomBytes(12);
    return codeOf(
      await this.request(method, new Map([...attributes, [ATTRIBUTE.peer, addressOf(peer, id)]]), id),
    );
  }

  private request(method: number, attributes: Attributes, id = randomBytes(12)): Promise<Message> {
    this.socket.write(encode(method, id, new Map([...attributes, ...this.credentials]), this.key));
    return new Promise((resolve, reject) => {
      this.answers.set(id.toString('hex'), resolve);
      this.socket.once('close', () => reject(new Error('The relay hung up.')));
    });
  }

  private read(data: Buffer): void {
    this.unread = Buffer.concat([this.unread, data]);
    while (this.unread.length >= 20) {
      const length = 20 + this.unread.readUInt16BE(2);
      if (this.unread.length < length) return;
      const message = decode(this.unread.subarray(0, length));
      this.unread = this.unread.subarray(length);
      if (message.type === INDICATION.data) {
        this.heard.push(message.attributes.get(ATTRIBUTE.data)?.toString() ?? '');
        this.wake();
      }
      this.answers.get(message.id)?.(message);
    }
  }
}

function encode(type: number, id: Buffer, attributes: Attributes, key?: Buffer): Buffer {
  const body = Buffer.concat([...attributes].map(([kind, value]) => attribute(kind, value)));
  const head = Buffer.alloc(8);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(body.length + (key ? 24 : 0), 2);
  head.writeUInt32BE(COOKIE, 4);
  const message = Buffer.concat([head, id, body]);
  if (!key) return message;
  const integrity = createHmac('sha1', key).update(message).digest();
  return Buffer.concat([message, attribute(ATTRIBUTE.messageIntegrity, integrity)]);
}

function attribute(kind: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(kind, 0);
  head.writeUInt16BE(value.length, 2);
  return Buffer.concat([head, value, Buffer.alloc((4 - (value.length % 4)) % 4)]);
}

function decode(bytes: Buffer): Message {
  const attributes: Attributes = new Map();
  for (let at = 20; at + 4 <= bytes.length; ) {
    const length = bytes.readUInt16BE(at + 2);
    attributes.set(bytes.readUInt16BE(at), bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length + ((4 - (length % 4)) % 4);
  }
  return { type: bytes.readUInt16BE(0), id: bytes.subarray(8, 20).toString('hex'), attributes };
}

/** XOR-PEER-ADDRESS, in the message with this id. */
function addressOf({ address, port }: Peer, id: Buffer): Buffer {
  const number = bytesOf(address);
  const mask = Buffer.alloc(16);
  mask.writeUInt32BE(COOKIE);
  id.copy(mask, 4);
  const value = Buffer.alloc(4 + number.length);
  value.writeUInt8(number.length === 4 ? 1 : IPV6, 1);
  value.writeUInt16BE(port ^ (COOKIE >>> 16), 2);
  for (const [n, byte] of number.entries()) value[4 + n] = byte ^ (mask[n] ?? 0);
  return value;
}

function bytesOf(address: string): Buffer {
  if (!address.includes(':')) return Buffer.from(address.split('.').map(Number));
  const words = (text: string) =>
    text === ''
      ? []
      : text
          .split(':')
          .flatMap((part) =>
            part.includes('.')
              ? [bytesOf(part).readUInt16BE(0), bytesOf(part).readUInt16BE(2)]
              : [Number.parseInt(part, 16)],
          );
  const [head = '', tail = ''] = address.split('::');
  const [first, last] = [words(head), words(tail)];
  const all = [...first, ...Array<number>(8 - first.length - last.length).fill(0), ...last];
  const bytes = Buffer.alloc(16);
  for (const [n, word] of all.entries()) bytes.writeUInt16BE(word, 2 * n);
  return bytes;
}

function codeOf({ attributes }: Message): number {
  const error = attributes.get(ATTRIBUTE.errorCode);
  return error ? (error[2] ?? 0) * 100 + (error[3] ?? 0) : 0;
}
