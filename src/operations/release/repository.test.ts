import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { createCleartextMessage, generateKey, readPrivateKey, sign } from 'openpgp';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { releasesInRepository } from './repository.js';

type Key = { publicKey: string; privateKey: string };
const made = (): Promise<Key> =>
  generateKey({ userIDs: [{ name: 'repository' }], format: 'armored' }) as Promise<Key>;

const INDEX = `Package: jicofo
Version: 1.0-1

Package: jitsi-videobridge2
Version: 2.3-1

Package: jitsi-meet
Version: 2.0.10888-1
Depends: jicofo (= 1.0-1), jitsi-videobridge2 (= 2.3-1)
`;

let key: Key;
let other: Key;
let server: Server;
beforeAll(async () => {
  [key, other] = await Promise.all([made(), made()]);
});
afterEach(() => server?.close());

const sha256 = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest('hex');

/** Serves these files and gives the source. */
async function serve(files: Record<string, string | Buffer>) {
  server = createServer((request, response) => {
    const body = files[request.url ?? ''];
    if (body === undefined) response.writeHead(404).end();
    else response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { kind: 'apt' as const, url: `http://127.0.0.1:${port}`, suite: 'stable/', key: key.publicKey };
}

async function inRelease(by: Key, bytes: Buffer): Promise<string> {
  const text = `Date: Tue, 01 Dec 2026 10:00:00 UTC\nSHA256:\n ${sha256(bytes)} ${bytes.length} Packages.gz\n`;
  const signingKeys = await readPrivateKey({ armoredKey: by.privateKey });
  return sign({ message: await createCleartextMessage({ text }), signingKeys });
}

describe('releasesInRepository', () => {
  it('reads the releases of a signed index', async () => {
    const packages = gzipSync(INDEX);
    const source = await serve({
      '/stable/InRelease': await inRelease(key, packages),
      '/stable/Packages.gz': packages,
    });
    expect(await releasesInRepository(source, 'arm64')).toEqual([
      {
        name: '2.0.10888-1',
        source: `${source.url} stable/`,
        date: '2026-12-01',
        packages: { jicofo: '1.0-1', 'jitsi-videobridge2': '2.3-1' },
      },
    ]);
  });

  it('refuses an index that another key has signed', async () => {
    const packages = gzipSync(INDEX);
    const source = await serve({
      '/stable/InRelease': await inRelease(other, packages),
      '/stable/Packages.gz': packages,
    });
    await expect(releasesInRepository(source, 'arm64')).rejects.toMatchObject({
      name: 'IndexNotTrusted',
      message: `The index of the package repository ${source.url}/stable/ is not signed by the known key.`,
    });
  });

  it('refuses a list of packages that is not the signed one', async () => {
    const source = await serve({
      '/stable/InRelease': await inRelease(key, gzipSync(INDEX)),
      '/stable/Packages.gz': gzipSync(INDEX.replaceAll('2.3-1', '6.6-6')),
    });
    await expect(releasesInRepository(source, 'arm64')).rejects.toMatchObject({
      name: 'IndexNotTrusted',
      why: 'Packages.gz has another SHA-256 than the signed index lists.',
    });
  });

  it('says which repository cannot be reached', async () => {
    const source = await serve({});
    await new Promise((resolve) => server.close(resolve));
    await expect(releasesInRepository(source, 'arm64')).rejects.toMatchObject({
      name: 'RepositoryDown',
      message: `The package repository cannot be read: ${source.url}/stable/InRelease.`,
      why: expect.stringContaining('ECONNREFUSED'),
    });
  }, 20_000);
});
