import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { makeFolder } from './folder.js';

const folder = mkdtempSync(join(tmpdir(), 'convoke-folder-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('is created with those above it, also twice and through a link', () => {
  symlinkSync(folder, join(folder, 'link'));
  const path = join(folder, 'link', 'a', 'b');
  makeFolder(path, 0o700);
  makeFolder(path, 0o700);
  expect(statSync(join(folder, 'a', 'b')).mode & 0o777).toBe(0o700);
});

it.runIf(process.platform === 'linux')(
  'is refused below /proc, where Node’s recursive creation does not end',
  () => {
    // In another process, because a synchronous loop could not be timed out.
    const call = `try { makeFolder('/proc/none/x') } catch (error) { console.log(error.code) }`;
    const script = `import { makeFolder } from '${new URL('../../dist/config/folder.js', import.meta.url)}'; ${call}`;
    const said = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
      timeout: 20_000,
      killSignal: 'SIGKILL',
    });
    expect(said.trim()).toBe('ENOENT');
  },
);

it('is refused below a file', () => {
  writeFileSync(join(folder, 'file'), '');
  expect(() => makeFolder(join(folder, 'file', 'x'))).toThrow(/ENOTDIR/);
});
