import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
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
