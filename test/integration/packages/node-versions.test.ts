import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { install, packed } from './packed.js';

const folder = mkdtempSync(join(tmpdir(), 'convoke-node-'));
const own = JSON.parse(readFileSync('package.json', 'utf8'));
const MAIN = join(folder, 'package/dist/cli/main.js');
let files: string[];

beforeAll(async () => {
  const convoke = await packed('.', folder);
  files = convoke.files;
  await execa('tar', ['-xzf', convoke.tarball, '-C', folder]);
  // The dependencies that "npm install" would install, in the versions of the lock file.
  symlinkSync(resolve('node_modules'), join(folder, 'package/node_modules'));
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('the package contains the files that its documents name, and no source maps', () => {
  expect(files).toEqual(
    expect.arrayContaining(['LICENSE', 'README.md', 'docs/guide.md', 'schema/convoke.schema.json']),
  );
  expect(files.filter((file) => file.endsWith('.map'))).toEqual([]);
});

/** The oldest that package.json allows, which is Debian 13's, and the current LTS release. */
describe.each([own.engines.node.replace('>=', '~'), '26'])('the packed command on Node.js %s', (range) => {
  const place = mkdtempSync(join(folder, 'place-'));
  const node = join(place, `node_modules/node-${process.platform}-${process.arch}/bin/node`);
  const convoke = (...args: string[]) =>
    execa(node, [MAIN, ...args], {
      cwd: place,
      extendEnv: false,
      env: { PATH: process.env.PATH ?? '', HOME: place, AWS_EC2_METADATA_DISABLED: 'true' },
    });

  beforeAll(() => install(place, `node-${process.platform}-${process.arch}@${range}`), 300_000);

  it('prints its version, writes a file, and calculates its cost, without a warning', async () => {
    const said = await convoke('--version');
    expect(said).toMatchObject({ stdout: own.version, stderr: '' });
    const flags = ['--domain', 'meet.example.org', '--region', 'eu-central-1', '--alerts', 'ops@example.org'];
    await convoke('init', ...flags);
    const cost = await convoke('cost', '--offline');
    expect(cost.stdout).toMatch(/USD a month, without tax/);
    expect(cost.stderr).not.toMatch(/warning/i);
  });
});
