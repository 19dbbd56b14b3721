import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MachineSpec } from '../../src/contract/machine-spec.js';
import { NODE_BUNDLE } from '../../src/stack/node-files.js';
import { sampleFacts } from '../sample-facts.js';
import { AptRepository, type Signing } from './apt-repository.js';
import { inDebian } from './debian-root.js';

const URL = 'http://127.0.0.1:8000';
let repository: AptRepository;
let other: AptRepository;

beforeAll(async () => {
  [repository, other] = await Promise.all([AptRepository.make(['1.0-1', '2.0-1']), AptRepository.make([])]);
}, 300_000);
afterAll(() => {
  repository?.remove();
  other?.remove();
});

/** Output of the node bundle when it installs packages from this source. */
async function prepare(
  source: Partial<Extract<MachineSpec['packages'], { kind: 'apt' }>>,
  served = repository,
  release?: MachineSpec['release'],
): Promise<string> {
  const packages = { kind: 'apt' as const, url: URL, suite: 'stable/', key: repository.key, ...source };
  const file = (path: string, text: string) => ({ path, text, mode: 0o644, owner: 'root:root', readBy: [] });
  const script = `rm -f /etc/apt/sources.list /etc/apt/sources.list.d/*
${await served.serve(URL)}
timeout 100 node /opt/convoke/convoke-node.mjs prepare; echo "exit code $?"
dpkg-query --show --showformat '\${Package} \${Version}\\n' 'ji*'
echo "held: $(apt-mark showhold | tr '\\n' ' ')"
kill %1`;
  const { all } = await inDebian(
    [
      file(
        '/etc/convoke/machine.json',
        JSON.stringify(sampleFacts({ spec: { packages, ...(release && { release }) } }).spec),
      ),
      file('/opt/convoke/convoke-node.mjs', readFileSync(NODE_BUNDLE, 'utf8')),
    ],
    script,
  );
  return all;
}

describe('packages from an apt source', () => {
  it('are the newest if no release is given, and are held', async () => {
    const said = await prepare({});
    expect(said).toContain('exit code 0');
    expect(said).toMatch(/jicofo 2\.0-1[\s\S]*jitsi-meet-web 2\.0-1[\s\S]*jitsi-videobridge2 2\.0-1/);
    expect(said).toMatch(/held: jicofo jitsi-meet-prosody jitsi-meet-web jitsi-videobridge2/);
  });

  it('are exactly those of the given release, although there is a newer one', async () => {
    const said = await prepare({ release: '1.0-1' });
    expect(said).toContain('exit code 0');
    expect(said).toMatch(/jicofo 1\.0-1[\s\S]*jitsi-meet-web 1\.0-1[\s\S]*jitsi-videobridge2 1\.0-1/);
  });

  const exactly = (version: string) => ({
    name: version,
    source: `${URL} stable/`,
    date: '',
    packages: Object.fromEntries(
      ['jicofo', 'jitsi-meet-web', 'jitsi-meet-prosody', 'jitsi-videobridge2'].map((name) => [name, version]),
    ),
  });

  it('are exactly those of the deployment, although there is a newer one', async () => {
    const said = await prepare({}, repository, exactly('1.0-1'));
    expect(said).toContain('of release 1.0-1');
    expect(said).toContain('exit code 0');
    expect(said).toMatch(/jicofo 1\.0-1[\s\S]*jitsi-meet-web 1\.0-1[\s\S]*jitsi-videobridge2 1\.0-1/);
  });

  it("are refused, and nothing else is installed, if the repository no longer has the deployment's", async () => {
    const said = await prepare({}, repository, exactly('0.9-1'));
    expect(said).toContain('The package source no longer has jicofo 0.9-1, jitsi-meet-web 0.9-1');
    expect(said).toContain('exit code 1');
    expect(said).not.toMatch(/^jicofo/m);
  });

  it('are refused for a release that does not exist, with an explanation', async () => {
    const said = await prepare({ release: '3.0-1' });
    expect(said).toContain('has no release 3.0-1 of jitsi-meet');
    expect(said).toContain('exit code 1');
    expect(said).not.toMatch(/^jicofo/m);
  });

  it('are refused if signed with another key', async () => {
    const said = await prepare({ key: other.key, release: '1.0-1' });
    expect(said).toContain('exit code 1');
    expect(said).not.toMatch(/^jicofo/m);
    expectRefusedOnce(said);
  });
});

describe('a package source whose key', () => {
  const made: AptRepository[] = [];
  afterAll(() => {
    for (const one of made) one.remove();
  });
  const signed = async (signing: Signing): Promise<AptRepository> => {
    const one = await AptRepository.make(['1.0-1'], signing);
    made.push(one);
    return one;
  };

  it('was extended is used', async () => {
    const source = await signed('renewed');
    expect(await prepare({ key: source.key }, source)).toContain('exit code 0');
  });

  it('is being replaced is used with the old key and with the new one', async () => {
    const source = await signed('changed');
    expect(await prepare({ key: source.key }, source)).toContain('exit code 0');
    expect(await prepare({ key: source.newKey }, source)).toContain('exit code 0');
  });

  it('has expired is refused immediately, with an explanation', async () => {
    const source = await signed('expired');
    const said = await prepare({ key: source.key }, source);
    expect(said).toContain('exit code 1');
    expectRefusedOnce(said);
  });
});

function expectRefusedOnce(said: string): void {
  expect(said).toMatch(/preparing failed: The package lists of http:\S+ have no valid signature/);
  expect(said).not.toContain('retrying in');
}
