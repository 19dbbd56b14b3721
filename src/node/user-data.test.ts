import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { sampleFacts } from '../../test/sample-facts.js';
import { userData } from './user-data.js';

const spec = JSON.stringify({ ...sampleFacts().spec, group: 'it\'s "$(touch /tmp/x)" `id` \\n ${HOME}' });
const props = { spec, region: 'eu-central-1', bucket: 'bucket', key: 'abc.mjs', sha256: 'f'.repeat(64) };

describe('userData', () => {
  it('is a script that bash accepts', async () => {
    await execa('bash', ['-n'], { input: userData(props) });
  });

  it('writes the specification as it is, whatever is in it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'user-data-'));
    try {
      const beginning = userData(props).split('# Mirrors')[0] ?? '';
      await execa('bash', [], { input: beginning.replaceAll(/\/(etc|opt)\/convoke/g, folder) });
      expect((await readFile(join(folder, 'machine.json'), 'utf8')).trim()).toBe(spec);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('leaves CloudFormation tokens whole', () => {
    const token = '${Token[AWS.Region.11]}';
    const text = userData({ ...props, region: token, spec: `{"region":"${token}"}` });
    expect(text).toContain(`aws:amz:${token}:s3`);
    expect(text).toContain(`{"region":"${token}"}`);
  });

  it('passes no credential as an argument', () => {
    expect(userData(props)).not.toMatch(/--user\b|-u "|-H [^']*token: \$/);
  });

  it('refuses what EC2 would refuse, and says how to make it shorter', () => {
    expect(() => userData({ ...props, spec: 'x'.repeat(16_000) })).toThrow(/EC2 takes 16384 at most/);
  });
});
