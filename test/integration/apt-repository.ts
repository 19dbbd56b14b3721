import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { buildDeb, type DebianPackage } from '../../src/rehearsal/fakes/deb.js';

const PARTS = ['jicofo', 'jitsi-meet-web', 'jitsi-meet-prosody', 'jitsi-videobridge2'];

/** The history of the key that signs the repository. */
export type Signing =
  | 'valid'
  /** It had expired and was extended. */
  | 'renewed'
  /** Signed by the old and by a new key; machines have one of them. */
  | 'changed'
  /** As `renewed`, but `key` is the version before the extension. */
  | 'expired';

/** A signed, flat apt repository. */
export class AptRepository {
  private readonly folder = mkdtempSync(join(tmpdir(), 'convoke-apt-'));
  /** The armoured public key; if there are two, the old one. */
  key = '';
  /** The new key, if there are two. */
  newKey = '';

  /** In the shape of Jitsi's: with a package `jitsi-meet` that names one version of each other. */
  static async make(releases: readonly string[], signing: Signing = 'valid'): Promise<AptRepository> {
    const repository = new AptRepository();
    const { suite } = repository;
    mkdirSync(suite, { recursive: true });
    for (const release of releases) {
      const of = (name: string, depends: readonly string[]) =>
        buildDeb({ name, depends, summary: 'nothing, for a test', files: [] }, release, suite);
      for (const name of PARTS) await of(name, []);
      await of(
        'jitsi-meet',
        PARTS.map((name) => `${name} (= ${release})`),
      );
    }
    await repository.index(suite, 'Origin: test');
    await repository.sign(suite, signing);
    return repository;
  }

  /** As Debian's security archive: with one version of some packages. */
  static async ofSecurityUpdates(
    packages: readonly DebianPackage[],
    version: string,
    codename: string,
  ): Promise<AptRepository> {
    const repository = new AptRepository();
    const { suite } = repository;
    mkdirSync(suite, { recursive: true });
    for (const each of packages) await buildDeb(each, version, suite);
    await repository.index(suite, `Origin: Debian\nLabel: Debian-Security\nCodename: ${codename}-security`);
    await repository.sign(suite, 'valid');
    return repository;
  }

  /** Where its packages are. */
  get suite(): string {
    return join(this.folder, 'repository/stable');
  }

  /** Shell that unpacks it and serves it at this address. */
  async serve(address: string): Promise<string> {
    const { stdout } = await execa('tar', ['-cz', '-C', this.folder, 'repository'], { encoding: 'buffer' });
    return `base64 -d <<'END' | tar -xz -C /tmp
${Buffer.from(stdout).toString('base64')}
END
cat > /tmp/serve.mjs <<'END'
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
createServer((q, r) => readFile('/tmp/repository' + new URL(q.url, 'http://x').pathname)
  .then((body) => r.end(body), () => r.writeHead(404).end())).listen(${new URL(address).port}, '127.0.0.1');
END
node /tmp/serve.mjs & until curl -sf -o /dev/null ${address}/stable/InRelease; do sleep 0.05; done
`;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async index(suite: string, fields: string): Promise<void> {
    const records: string[] = [];
    for (const name of readdirSync(suite).sort()) {
      const bytes = readFileSync(join(suite, name));
      const { stdout } = await execa('dpkg-deb', ['--field', join(suite, name)]);
      records.push(`${stdout}\nFilename: stable/${name}\nSize: ${bytes.length}\nSHA256: ${sha256(bytes)}\n`);
    }
    const packages = records.join('\n');
    writeFileSync(join(suite, 'Packages'), packages);
    const release = `${fields}\nDate: ${new Date().toUTCString()}\nSHA256:\n ${sha256(packages)} ${Buffer.byteLength(packages)} Packages\n`;
    writeFileSync(join(suite, 'Release'), release);
  }

  private async sign(suite: string, signing: Signing): Promise<void> {
    const home = join(this.folder, 'gnupg');
    mkdirSync(home, { mode: 0o700 });
    const gpg = (...args: string[]) =>
      execa('gpg', [
        '--homedir',
        home,
        '--batch',
        '--yes',
        '--passphrase',
        '',
        '--pinentry-mode',
        'loopback',
        ...args,
      ]);
    const hadExpired = signing === 'renewed' || signing === 'expired';
    const longAgo = hadExpired ? ['--faked-system-time', '20240101T000000!'] : [];
    await gpg(...longAgo, '--quick-gen-key', 'old@example.org', 'ed25519', 'sign', '1d');
    const exported = async (name: string) => (await gpg('--armor', '--export', name)).stdout;
    const beforeRenewal = await exported('old@example.org');
    const signers = ['--local-user', 'old@example.org'];
    if (hadExpired) {
      const { stdout } = await gpg('--with-colons', '--list-keys');
      await gpg('--quick-set-expire', /^fpr:+([0-9A-F]{40}):/m.exec(stdout)?.[1] ?? '', '1y');
    }
    if (signing === 'changed') {
      await gpg('--quick-gen-key', 'new@example.org', 'ed25519', 'sign', '1d');
      signers.push('--local-user', 'new@example.org');
      this.newKey = await exported('new@example.org');
    }
    this.key = signing === 'expired' ? beforeRenewal : await exported('old@example.org');
    await gpg(...signers, '--output', join(suite, 'InRelease'), '--clearsign', join(suite, 'Release'));
    await execa('gpgconf', ['--homedir', home, '--kill', 'all']);
  }
}

const sha256 = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest('hex');
