import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { sampleFacts } from '../../test/sample-facts.js';
import { userData } from './user-data.js';

const spec = JSON.stringify({ ...sampleFacts().spec, group: 'it\'s "$(touch /tmp/x)" `id` \\n ${HOME}' });
const file = (name: string) => ({ name, bucket: 'bucket', key: `${name}-key`, sha256: 'f'.repeat(64) });
const props = {
  spec,
  region: 'eu-central-1',
  files: [file('convoke-node.mjs'), file('convoke-warm-up.mjs')],
};

describe('userData', () => {
  it('is a script that bash accepts', async () => {
    await execa('bash', ['-n'], { input: userData(props) });
  });

  it('writes the specification unchanged, with any content', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'user-data-'));
    try {
      const beginning = userData(props).split('# Mirrors')[0] ?? '';
      await execa('bash', [], { input: beginning.replaceAll(/\/(etc|opt)\/convoke/g, folder) });
      expect((await readFile(join(folder, 'machine.json'), 'utf8')).trim()).toBe(spec);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('does not split CloudFormation tokens', () => {
    const token = '${Token[AWS.Region.11]}';
    const text = userData({ ...props, region: token, spec: `{"region":"${token}"}` });
    expect(text).toContain(`aws:amz:${token}:s3`);
    expect(text).toContain(`{"region":"${token}"}`);
  });

  it('installs downloaded files only if their hashes match', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'user-data-'));
    try {
      const [, functions = ''] = /(metadata\(\) \{.*)# From here on/s.exec(userData(props)) ?? [];
      // Replaces curl: the metadata service, and S3, which responds with the requested address.
      const script = `
        with_retries() { "$@"; }
        curl() {
          case "$*" in *'-K -'*) cat > /dev/null ;; esac
          case "$*" in *amazonaws*) printf %s "\${@: -1}" > "\${@: -2:1}" ;; *) echo '{}' ;; esac
        }
        ${functions}`.replaceAll('/opt/convoke', folder);
      const sums = (text: string) =>
        text.replaceAll(/'(https:[^']*)' 'f{64}'/g, (_, address) => {
          return `'${address}' '${createHash('sha256').update(address).digest('hex')}'`;
        });
      await execa('bash', ['-c', script], { reject: false });
      expect((await readdir(folder)).filter((name) => !name.endsWith('.new'))).toEqual([]);
      await execa('bash', ['-euo', 'pipefail', '-c', sums(script)]);
      expect((await readdir(folder)).sort()).toEqual(['convoke-node.mjs', 'convoke-warm-up.mjs']);
      expect(await readFile(join(folder, 'convoke-warm-up.mjs'), 'utf8')).toBe(
        'https://bucket.s3.eu-central-1.amazonaws.com/convoke-warm-up.mjs-key',
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('passes no credential as an argument', () => {
    expect(userData(props)).not.toMatch(/--user\b|-u "|-H [^']*token: \$/);
  });

  it('refuses user data that EC2 would refuse, and says how to shorten it', () => {
    expect(() => userData({ ...props, spec: 'x'.repeat(16_000) })).toThrow(/EC2 allows 16384/);
  });
});
