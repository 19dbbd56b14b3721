import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { cachedFolder } from './cached-folder.js';

let cache: string;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'convoke-cache-'));
});
afterEach(() => rmSync(cache, { recursive: true, force: true }));

const write = (text: string) => async (draft: string) => writeFileSync(join(draft, 'file'), text);

it('creates a folder once', async () => {
  const folder = await cachedFolder(join(cache, 'thing'), write('first'));
  const again = vi.fn();
  expect(await cachedFolder(folder, again)).toBe(folder);
  expect(again).not.toHaveBeenCalled();
  expect(readdirSync(cache)).toEqual(['thing']);
});

it('leaves nothing if it cannot be created, and tries again next time', async () => {
  const folder = join(cache, 'thing');
  const failed = cachedFolder(folder, async (draft) => {
    await write('half')(draft);
    throw new Error('disk full');
  });
  await expect(failed).rejects.toThrow('disk full');
  expect(readdirSync(cache)).toEqual([]);
  await cachedFolder(folder, write('whole'));
  expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('whole');
});

it('uses the folder that was finished first, when two create it at once', async () => {
  const folder = join(cache, 'thing');
  await cachedFolder(folder, async (draft) => {
    await write('late')(draft);
    await cachedFolder(folder, write('early'));
  });
  expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('early');
  expect(readdirSync(cache)).toEqual(['thing']);
});

it('removes the draft of a killed process, and not that of a running one', async () => {
  // No process has an id above the kernel's limit.
  const dead = 'other.unfinished-4194305-a';
  const alive = `other.unfinished-${process.ppid}-b`;
  for (const name of [dead, alive]) mkdirSync(join(cache, name));
  await cachedFolder(join(cache, 'thing'), write('whole'));
  expect(readdirSync(cache).sort()).toEqual([alive, 'thing']);
});
