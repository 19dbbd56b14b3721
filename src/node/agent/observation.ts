import type { Daemon } from '../render/file.js';
import type { FreeResources } from './health/free-resources.js';

/** State of one machine in one round. `undefined` means "not observed", which never counts as unhealthy. */
export interface ShardObservation {
  /** HAProxy's answer to the load balancer's health check; undefined if HAProxy does not answer. */
  readonly edgeServes: boolean | undefined;
  /** Open connections of HAProxy. */
  readonly connections: number | undefined;
  readonly prosodyServes: boolean;
  readonly jicofo: Jicofo | undefined;
  /** The co-located bridge. */
  readonly bridge: Bridge | undefined;
  readonly units: Units;
  /** Number of pending security updates. */
  readonly updates?: number | undefined;
  readonly free?: FreeResources | undefined;
}

/** The same for a dedicated bridge. */
export interface BridgeObservation {
  readonly bridge: Bridge | undefined;
  readonly units: Units;
  readonly updates?: number | undefined;
  readonly free?: FreeResources | undefined;
}

/** The same for a recorder. */
export interface RecorderObservation {
  /** Undefined if Jibri does not answer. */
  readonly jibri: Jibri | undefined;
  readonly units: Units;
  readonly updates?: number | undefined;
  readonly free?: FreeResources | undefined;
}

export interface Jibri {
  /** Whether it records or streams. */
  readonly busy: boolean;
  /** False after an error of the machine, such as a browser that does not start: it then accepts no recording. */
  readonly healthy: boolean;
}

export type Units = Readonly<Partial<Record<Daemon, UnitState>>>;

export interface Jicofo {
  /** Undefined while Jicofo is too busy to answer. */
  readonly version: string | undefined;
  /** Undefined if its statistics could not be read. */
  readonly statistics:
    | {
        /** Including recorders. */
        readonly participants: number;
        /** Recordings and streams, each with a recorder among the participants. Unset: none. */
        readonly recorders?: number | undefined;
        /** Recorders that wait for a recording. Unset: none is known. */
        readonly idleRecorders?: number | undefined;
        readonly conferences: number;
        /** Bridges that it knows, operational or not. */
        readonly bridges: number;
        readonly operationalBridges: number;
      }
    | undefined;
}

export interface Bridge {
  readonly healthy: boolean;
  /** Undefined if its statistics could not be read. */
  readonly statistics: BridgeStatistics | undefined;
}

export interface BridgeStatistics {
  /** 0 idle, 1 full. */
  readonly stress: number;
  /** Participants connected to this bridge, excluding those of other bridges that are relayed here. */
  readonly participants: number;
  /** Whether it asks Jicofo to add no participants here. */
  readonly draining: boolean;
  /** Fraction of packets lost to and from its participants; undefined if this release does not say. */
  readonly loss?: number | undefined;
  /** Connections of participants that failed since it started; undefined if this release does not say. */
  readonly iceFailed?: number | undefined;
  /** Number of breweries that it has joined, one per shard. */
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
