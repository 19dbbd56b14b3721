import type { Daemon } from '../render/file.js';

/** What was seen of one machine in one round. `undefined` stands for "not seen", which is never taken for "bad". */
export interface Observation {
  /** HAProxy's own answer to the load balancer's question; undefined if HAProxy does not answer. */
  readonly edgeServes: boolean | undefined;
  /** Connections that HAProxy holds. */
  readonly connections: number | undefined;
  readonly prosodyServes: boolean;
  readonly jicofo: Jicofo | undefined;
  /** The bridge on board. */
  readonly bridge: Bridge | undefined;
  readonly units: Readonly<Partial<Record<Daemon, UnitState>>>;
}

export interface Jicofo {
  readonly version: string;
  /** Undefined when its statistics were not readable. */
  readonly statistics:
    | { readonly participants: number; readonly conferences: number; readonly operationalBridges: number }
    | undefined;
}

export interface Bridge {
  readonly healthy: boolean;
  /** 0 idle, 1 full; undefined when its statistics were not readable. */
  readonly stress: number | undefined;
  readonly participants: number | undefined;
}

/** systemd's `ActiveState`. */
export type UnitState =
  | 'active'
  | 'reloading'
  | 'inactive'
  | 'failed'
  | 'activating'
  | 'deactivating'
  | 'unknown';
