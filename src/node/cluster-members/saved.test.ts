import { mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { savedMembers, saveMembers } from './saved.js';

const bridge = {
  role: 'bridge',
  instanceId: 'i-0a',
  privateAddress: '10.20.0.10',
  zone: 'eu-central-1a',
  launched: 1_767_225_600_000,
} as const;

const found = { launched: 1_767_225_500_000, others: [bridge] };
const text = (others: unknown) => JSON.stringify({ launched: 0, others });

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cluster-members-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('saved cluster members', () => {
  it('are read as they were written, and set the flag', async () => {
    await saveMembers(found, folder);
    expect(await savedMembers(folder)).toEqual(found);
    expect((await stat(join(folder, 'cluster-members-changed'))).isFile()).toBe(true);
  });

  it('are undefined if nothing was saved, which differs from an empty list', async () => {
    expect(await savedMembers(folder)).toBeUndefined();
    await saveMembers({ ...found, others: [] }, folder);
    expect((await savedMembers(folder))?.others).toEqual([]);
  });

  it.each([
    ['text that is not JSON', 'root:secret'],
    ['a machine with an invalid address', text([{ ...bridge, privateAddress: '10.0.0.1\nuser' }])],
    ['a machine with more than it should', text([{ ...bridge, more: 1 }])],
  ])('are rejected as %s, without quoting the content', async (_, written) => {
    await writeFile(join(folder, 'cluster-members.json'), written);
    await expect(savedMembers(folder)).rejects.not.toThrow(/secret/);
  });

  it('are not read through a symbolic link', async () => {
    await writeFile(join(folder, 'other'), text([]));
    await symlink(join(folder, 'other'), join(folder, 'cluster-members.json'));
    await expect(savedMembers(folder)).rejects.toThrow('ELOOP');
  });
});
