import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import { convokeHome } from '../config/home.js';

/** Folders of the rehearsal. Nothing is stored anywhere else. */
export interface Paths {
  /** Kept between rehearsals: Python environment, images, package cache, certificate authority. */
  readonly cache: string;
  /** The one running cloud; removed when it stops. */
  readonly run: string;
}

/** The folders in convoke's home, or in another home. */
export function paths(home = convokeHome()): Paths {
  const root = resolve(home);
  return { cache: join(root, 'cache'), run: join(root, 'rehearsal') };
}

/** Names of everything that a running rehearsal uses on this machine. */
export interface Resources {
  readonly run: string;
  readonly cache: string;
  /** Network namespace; one per home, so that rehearsals do not interfere. */
  readonly namespace: string;
  /**
   * Podman's network, one per process. Podman stores address leases outside of its storage, so addresses of a killed
   * rehearsal would stay leased under the same name.
   */
  readonly network: string;
  readonly sockets: {
    readonly state: string;
    readonly metadata: string;
    readonly api: string;
    readonly apt: string;
    readonly web: string;
    readonly names: string;
    readonly haproxy: string;
  };
}

export function resourcesOf({ run, cache }: Paths): Resources {
  const id = createHash('sha256').update(run).digest('hex').slice(0, 6);
  const socket = (name: string) => join(run, `${name}.sock`);
  return {
    run,
    cache,
    namespace: `convoke-${id}`,
    network: `convoke-${id}-${process.pid}`,
    sockets: {
      state: socket('state'),
      metadata: socket('metadata'),
      api: socket('api'),
      apt: socket('apt'),
      web: socket('web'),
      names: socket('names'),
      haproxy: socket('haproxy'),
    },
  };
}
