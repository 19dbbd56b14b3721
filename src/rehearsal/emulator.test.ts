import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { assertFree } from './emulator.js';
import { installEmulator } from './emulator-install.js';

describe('installEmulator', () => {
  let cache: string;

  beforeEach(() => {
    cache = mkdtempSync(join(tmpdir(), 'convoke-emulator-'));
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(cache, { recursive: true, force: true });
  });

  it('requests Python if it is missing, and leaves no incomplete installation', async () => {
    vi.stubEnv('PATH', join(cache, 'nowhere'));
    await expect(installEmulator(cache)).rejects.toMatchObject({
      name: 'PythonMissing',
      exitCode: 2,
      now: 'On Debian: apt-get install python3-venv',
    });
    expect(readdirSync(cache)).toEqual([]);
  });

  it('removes remains of an interrupted installation, but not of a running one', async () => {
    vi.stubEnv('PATH', join(cache, 'nowhere'));
    // No process has an id above the kernel's limit.
    const dead = 'emulator-abc.4194305.unfinished';
    const alive = `emulator-abc.${process.ppid}.unfinished`;
    mkdirSync(join(cache, dead));
    mkdirSync(join(cache, alive));
    await expect(installEmulator(cache)).rejects.toThrow();
    expect(readdirSync(cache)).toEqual([alive]);
  });
});

describe('assertFree', () => {
  it('names the port that is in use', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    await expect(assertFree(port)).rejects.toMatchObject({
      name: 'PortTaken',
      message: expect.stringContaining(String(port)),
    });
    await new Promise((resolve) => server.close(resolve));
    await expect(assertFree(port)).resolves.toBeUndefined();
  });
});
