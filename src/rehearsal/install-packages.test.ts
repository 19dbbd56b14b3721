import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { installPackages } from './install-packages.js';

/** A fake of apt-get: its first `update` finds the lists locked, and `install` notes which policy holds services off. */
const APT = `#!/bin/sh
case "$*" in
  *update*)
    mkdir "$ROOT/first" 2>/dev/null && { echo "E: Could not get lock /var/lib/apt/lists/lock" >&2; exit 100; }
    exit 0 ;;
  *broken*) echo "E: Unable to locate package broken" >&2; exit 100 ;;
  *install*)
    mkdir "$ROOT/installing" || { echo "E: two at once" >&2; exit 100; }
    sleep 0.3
    grep -q 'exit 101' "$ROOT/usr/sbin/policy-rc.d" || { echo "E: services would start" >&2; exit 100; }
    rmdir "$ROOT/installing" ;;
esac
`;
let root: string;
let policy: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'convoke-apt-'));
  for (const folder of ['run', 'bin', 'usr/sbin']) mkdirSync(join(root, folder), { recursive: true });
  policy = join(root, 'usr/sbin/policy-rc.d');
  writeFileSync(join(root, 'bin/apt-get'), APT);
  chmodSync(join(root, 'bin/apt-get'), 0o755);
  vi.stubEnv('PATH', `${join(root, 'bin')}:${process.env.PATH}`);
  vi.stubEnv('ROOT', root);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true });
});

it('two installations wait for each other and for the lock of the package lists, and leave no policy behind', async () => {
  await Promise.all([installPackages(['podman'], root), installPackages(['haproxy'], root)]);
  expect(existsSync(policy)).toBe(false);
});

it('an installation returns the policy that a user had, also after one that was killed', async () => {
  writeFileSync(policy, '#!/bin/sh\n# convoke: services of packages stay off\nexit 101\n');
  writeFileSync(`${policy}.before`, '#!/bin/sh\nexit 0\n');
  await installPackages(['podman'], root);
  expect(readFileSync(policy, 'utf8')).toBe('#!/bin/sh\nexit 0\n');
  expect(existsSync(`${policy}.before`)).toBe(false);
});

it('a package that does not exist is reported in the words of apt', async () => {
  await expect(installPackages(['broken'], root)).rejects.toMatchObject({
    name: 'PrerequisitesMissing',
    why: 'E: Unable to locate package broken',
  });
  expect(existsSync(policy)).toBe(false);
});
