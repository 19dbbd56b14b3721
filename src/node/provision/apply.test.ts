import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MachineFile } from '../render/file.js';
import { apply } from './apply.js';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'apply-'));
});
afterEach(() => rm(root, { recursive: true }));

const ids = async () => ({ uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 });
const file = (changes: Partial<MachineFile> = {}): MachineFile => ({
  path: '/etc/a/b.conf',
  mode: 0o640,
  owner: 'me:me',
  text: 'text\n',
  readBy: ['nginx', 'systemd'],
  ...changes,
});

describe('apply', () => {
  it('writes a file with its permissions, and returns what reads it', async () => {
    expect(await apply([file()], ids, root)).toEqual(new Set(['nginx', 'systemd']));
    expect((await stat(join(root, 'etc/a/b.conf'))).mode & 0o777).toBe(0o640);
  });

  it('touches nothing the second time', async () => {
    await apply([file()], ids, root);
    const before = await stat(join(root, 'etc/a/b.conf'));
    expect((await apply([file()], ids, root)).size).toBe(0);
    expect((await stat(join(root, 'etc/a/b.conf'))).ino).toBe(before.ino);
  });

  it.each([{ text: 'other\n' }, { mode: 0o644 }])('writes again when %j', async (change) => {
    await apply([file()], ids, root);
    expect((await apply([file(change)], ids, root)).size).toBe(2);
  });

  it('takes over a file that was left readable by others', async () => {
    await mkdir(join(root, 'etc/a'), { recursive: true });
    await writeFile(join(root, 'etc/a/b.conf'), 'text\n', { mode: 0o666 });
    await apply([file()], ids, root);
    expect((await stat(join(root, 'etc/a/b.conf'))).mode & 0o777).toBe(0o640);
  });

  it('makes folders like the one they are in, and leaves no drafts', async () => {
    await mkdir(join(root, 'etc'), { mode: 0o750 });
    await apply([file()], ids, root);
    expect((await stat(join(root, 'etc/a'))).mode & 0o777).toBe(0o750);
    expect(await readdir(join(root, 'etc/a'))).toEqual(['b.conf']);
  });
});
