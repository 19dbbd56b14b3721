import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { convokeHome } from '../../src/config/home.js';

// Each test file has its own home and folder for temporary files, so that two can run at the same time, and each finds only
// files that it left behind itself. The cache of rehearsals, such as images, is shared.
const cache = join(convokeHome(), 'cache');
const home = mkdtempSync(join(tmpdir(), 'convoke-desk-'));
mkdirSync(cache, { recursive: true });
symlinkSync(cache, join(home, 'cache'));
mkdirSync(join(home, 'tmp'));

const { CONVOKE_HOME, TMPDIR } = process.env;
Object.assign(process.env, { CONVOKE_HOME: home, TMPDIR: join(home, 'tmp') });

afterAll(() => {
  for (const [name, value] of Object.entries({ CONVOKE_HOME, TMPDIR })) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  rmSync(home, { recursive: true, force: true });
});
