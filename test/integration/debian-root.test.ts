import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import waitFor from 'p-wait-for';
import { afterAll, expect, it } from 'vitest';
import { bundled } from './bundle.js';

const folder = mkdtempSync(join(tmpdir(), 'convoke-interrupted-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Whether a process has this command line. */
const runs = (command: string): boolean =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .some((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim() === command;
      } catch {
        return false;
      }
    });

it.each(['SIGTERM', 'SIGKILL'] as const)('leaves no daemon when a test is ended by %s', async (signal) => {
  // A unique duration, by which the process is found.
  const daemon = `sleep ${process.pid}.${signal.length}`;
  const program = join(folder, `${signal}.mjs`);
  writeFileSync(
    program,
    await bundled(
      `import { inDebian } from './test/integration/debian-root.js'; await inDebian([], '${daemon} & wait');`,
    ),
  );
  const test = spawn(process.execPath, [program], {
    stdio: 'ignore',
    env: { ...process.env, TMPDIR: folder },
  });
  await waitFor(() => runs(daemon), { interval: 50, timeout: 60_000 });
  test.kill(signal);
  await once(test, 'exit');
  await waitFor(() => !runs(daemon), { interval: 50, timeout: 10_000 });
  expect(runs(daemon)).toBe(false);
});
