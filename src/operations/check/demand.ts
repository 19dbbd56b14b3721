import type { Deployment } from '../../config/deployment.js';
import { type Role, shardRole } from '../../config/memory.js';

/** Machines of one kind that a deployment runs at its most. */
export interface Demand {
  readonly what: 'shards' | 'bridges';
  readonly role: Role;
  /** Types that will do, the preferred first. */
  readonly types: readonly string[];
  readonly onDemand: number;
  readonly spot: number;
}

/** The most machines that a file can lead to. */
export function demands({
  machines,
  shards,
  bridges,
}: Pick<Deployment, 'machines' | 'shards' | 'bridges'>): Demand[] {
  const wanted: Demand[] = [
    { what: 'shards', role: shardRole(!bridges), types: [machines.shard], onDemand: shards, spot: 0 },
  ];
  if (bridges) {
    // Auto Scaling rounds in favour of machines that are not spot.
    const onDemand = Math.ceil((bridges.max * (100 - bridges.spot)) / 100);
    wanted.push({
      what: 'bridges',
      role: 'bridge',
      types: bridges.types,
      onDemand,
      spot: bridges.max - onDemand,
    });
  }
  return wanted;
}
