import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';

/**
 * The rehearsal's certificate authority, which only its machines and probes trust. It is stored in the cache, because
 * the machines' image contains it.
 */
export class Authority {
  private constructor(private readonly folder: string) {}

  static async open(cache: string): Promise<Authority> {
    const folder = join(cache, 'authority');
    if (!existsSync(join(folder, 'ca.crt'))) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      await execa('openssl', [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-days',
        '3650',
        '-subj',
        '/CN=convoke rehearsal',
        '-addext',
        'basicConstraints=critical,CA:TRUE',
        '-addext',
        'keyUsage=critical,keyCertSign,cRLSign',
        '-keyout',
        join(folder, 'ca.key'),
        '-out',
        join(folder, 'ca.crt.part'),
      ]);
      renameSync(join(folder, 'ca.crt.part'), join(folder, 'ca.crt'));
    }
    return new Authority(folder);
  }

  get file(): string {
    return join(this.folder, 'ca.crt');
  }

  get pem(): string {
    return readFileSync(this.file, 'utf8');
  }

  /** Writes a certificate for these names and its key into one file, as HAProxy requires. */
  async sign(names: readonly string[], into: string): Promise<void> {
    const key = `${into}.key`;
    const request = `${into}.csr`;
    const extensions = `${into}.ext`;
    const [first = 'localhost'] = names;
    await execa('openssl', [
      'req',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-subj',
      `/CN=${first.slice(0, 64)}`,
      '-keyout',
      key,
      '-out',
      request,
    ]);
    writeFileSync(
      extensions,
      `subjectAltName=${names.map((name) => `DNS:${name}`).join(',')}\nextendedKeyUsage=serverAuth\n`,
    );
    const { stdout } = await execa('openssl', [
      'x509',
      '-req',
      '-in',
      request,
      '-CA',
      this.file,
      '-CAkey',
      join(this.folder, 'ca.key'),
      '-days',
      '90',
      '-extfile',
      extensions,
    ]);
    writeFileSync(`${into}.part`, `${stdout}\n${readFileSync(key, 'utf8')}`, { mode: 0o600 });
    renameSync(`${into}.part`, into);
  }
}
