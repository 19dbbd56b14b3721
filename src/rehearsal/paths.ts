import { join, resolve } from 'node:path';
import { convokeHome } from '../config/home.js';

/** Where the rehearsal keeps things. Nothing is ever put anywhere else. */
export interface Paths {
  /** Kept between rehearsals: Python environment, images, package cache, certificate authority. */
  readonly cache: string;
  /** The one running cloud; removed when it stops. */
  readonly run: string;
}

/** In convoke's home, or in another. */
export function paths(home = convokeHome()): Paths {
  const root = resolve(home);
  return { cache: join(root, 'cache'), run: join(root, 'rehearsal') };
}
