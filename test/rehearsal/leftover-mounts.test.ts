import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { resourcesOf } from '../../src/rehearsal/paths.js';
import { removeContainers } from '../../src/rehearsal/podman.js';

let home: string;
let mount: string;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'a home with spaces-'));
  mount = join(home, 'rehearsal', 'podman', 'merged');
  mkdirSync(mount, { recursive: true });
  await execa('mount', ['-t', 'tmpfs', 'tmpfs', mount]);
});
afterAll(async () => {
  await execa('umount', ['--lazy', mount], { reject: false });
  rmSync(home, { recursive: true, force: true });
});

it('mounts of a killed rehearsal are removed, also in a folder with spaces', async () => {
  const resources = resourcesOf({ run: join(home, 'rehearsal'), cache: join(home, 'cache') });
  expect(await removeContainers(resources)).toEqual([]);
  expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain('spaces-');
});
