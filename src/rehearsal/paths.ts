import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** Where the rehearsal keeps things. Nothing is ever put anywhere else. */
export interface Paths {
  /** Kept between rehearsals: Python environment, images, package cache, certificate authority. */
  readonly cache: string;
  /** The one running cloud; removed when it stops. */
  readonly run: string;
}

/** `$CONVOKE_HOME`, or `.convoke` in the person's home. */
export function paths(home = process.env.CONVOKE_HOME || join(homedir(), '.convoke')): Paths {
  const root = resolve(home);
  return { cache: join(root, 'cache'), run: join(root, 'rehearsal') };
}
