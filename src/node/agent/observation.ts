import type { Daemon } from '../render/file.js';

/** What was seen of one machine in one round. `undefined` stands for "not seen", which is never taken for "bad". */
export interface ShardObservation {
  /** HAProxy's own answer to the load balancer's question; undefined if HAProxy does not answer. */
  readonly edgeServes: boolean | undefined;
  /** Connections that HAProxy holds. */
  readonly connections: number | undefined;
  readonly prosodyServes: boolean;
  readonly jicofo: Jicofo | undefined;
  /** The co-located bridge. */
  readonly bridge: Bridge | undefined;
  readonly units: Units;
  /** Security updates that wait. */
  readonly updates?: number | undefined;
}

/** The same of a machine that has nothing but a bridge. */
export interface BridgeObservation {
  readonly bridge: Bridge | undefined;
  readonly units: Units;
  readonly updates?: number | undefined;
}

export type Units = Readonly<Partial<Record<Daemon, UnitState>>>;

export interface Jicofo {
  /** Undefined while it is too busy to answer. */
  readonly version: string | undefined;
  /** Undefined when its statistics were not readable. */
  readonly statistics:
    | { readonly participants: number; readonly conferences: number; readonly operationalBridges: number }
    | undefined;
}

export interface Bridge {
  readonly healthy: boolean;
  /** Undefined when its statistics were not readable. */
  readonly statistics: BridgeStatistics | undefined;
}

export interface BridgeStatistics {
  /** 0 idle, 1 full. */
  readonly stress: number;
  /** People whose media comes here, not counting those who are here by way of another bridge. */
  readonly participants: number;
  /** Whether it asks focuses to put nobody new here. */
  readonly draining: boolean;
  /** Breweries, of one shard each, in which it shows itself. */
  readonly breweries: number;
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
