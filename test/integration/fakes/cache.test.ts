import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

let cache: string;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'convoke-fakes-'));
});
afterEach(() => rmSync(cache, { recursive: true, force: true }));

/** A process that needs the fakes, as each command of a rehearsal does. */
const needsFakes = (env = process.env) =>
  spawn(process.execPath, ['--input-type=module', '--eval', PROGRAM, cache], { env });
const PROGRAM = `
import { fakesInCache } from '${new URL('../../../dist/rehearsal/fakes/build.js', import.meta.url)}';
await fakesInCache(process.argv[1]);`;
const exitCode = async (process: ReturnType<typeof needsFakes>) => (await once(process, 'exit'))[0];

const drafts = () => readdirSync(cache).filter((name) => name.includes('.unfinished-'));
/** Every file of finished folders with its bytes. */
const wholeContents = () =>
  readdirSync(cache, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('.unfinished-'))
    .map(({ parentPath, name }) => [name, readFileSync(join(parentPath, name), 'base64')])
    .sort();

it('has whole fakes after a command was killed while it built them, and two more needed them', async () => {
  const killed = needsFakes();
  const ended = once(killed, 'exit');
  await vi.waitUntil(() => drafts().some((draft) => readdirSync(join(cache, draft)).length > 0), {
    interval: 1,
    timeout: 30_000,
  });
  killed.kill('SIGKILL');
  await ended;
  expect(drafts()).toHaveLength(1);

  expect(await Promise.all([needsFakes(), needsFakes()].map(exitCode))).toEqual([0, 0]);
  // What a child of the killed process was writing is removed by the next command that creates something.
  expect(readdirSync(cache).filter((name) => /^fakes-[0-9a-f]{12}$/.test(name))).toHaveLength(1);
  expect(wholeContents()).toHaveLength(12);

  const before = wholeContents();
  rmSync(cache, { recursive: true });
  expect(await exitCode(needsFakes())).toBe(0);
  expect(wholeContents()).toEqual(before);
});

it('builds nothing when the fakes are in the cache', async () => {
  expect(await exitCode(needsFakes())).toBe(0);
  // Without dpkg-deb.
  expect(await exitCode(needsFakes({ ...process.env, PATH: '/nonexistent' }))).toBe(0);
});
