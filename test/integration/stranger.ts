import { join } from 'node:path';
import { execa } from 'execa';
import { type Desk, MAIN } from '../desk.js';

/** Credentials that no account has. */
export const FAKE_CREDENTIALS = { AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'y' };

/** An environment without the credentials, home and terminal of the user who runs the tests. */
export const stranger = (desk: Desk, path = process.env.PATH) => ({
  extendEnv: false,
  env: { PATH: path ?? '', HOME: join(desk.folder, 'home'), AWS_EC2_METADATA_DISABLED: 'true' },
});

/** Runs convoke as a stranger in an isolated network. */
export const offline = (desk: Desk, args: readonly string[], env: Record<string, string> = {}) =>
  execa('unshare', ['--net', process.execPath, MAIN, ...args], {
    cwd: desk.folder,
    reject: false,
    stdin: 'ignore',
    ...stranger(desk),
    env: { ...stranger(desk).env, ...env },
  });
