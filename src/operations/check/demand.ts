import type { Deployment } from '../../config/deployment.js';
import { type Role, shardRole } from '../../config/memory.js';

/** The maximum number of machines of one role. */
export interface Demand {
  readonly what: 'shards' | 'bridges' | 'recorders';
  readonly role: Role;
  /** Instance types, in order of preference. */
  readonly types: readonly string[];
  readonly onDemand: number;
  readonly spot: number;
}

/** The maximum number of machines of a deployment, by role. */
export function demands({
  machines,
  shards,
  bridges,
  recording,
}: Pick<Deployment, 'machines' | 'shards' | 'bridges' | 'recording'>): Demand[] {
  const wanted: Demand[] = [
    { what: 'shards', role: shardRole(!bridges), types: [machines.shard], onDemand: shards, spot: 0 },
  ];
  if (bridges) {
    // Auto Scaling rounds up the on-demand part.
    const onDemand = Math.ceil((bridges.max * (100 - bridges.spot)) / 100);
    wanted.push({
      what: 'bridges',
      role: 'bridge',
      types: bridges.types,
      onDemand,
      spot: bridges.max - onDemand,
    });
  }
  if (recording)
    wanted.push({
      what: 'recorders',
      role: 'recorder',
      types: [recording.type],
      onDemand: recording.max,
      spot: 0,
    });
  return wanted;
}
