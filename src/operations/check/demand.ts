import type { Deployment } from '../../config/deployment.js';
import { cellRole, type Role } from '../../config/memory.js';

/** Machines of one kind that a deployment runs at its most. */
export interface Demand {
  readonly what: 'cells' | 'bridges';
  readonly role: Role;
  /** Types that will do, the preferred first. */
  readonly types: readonly string[];
  readonly onDemand: number;
  readonly spot: number;
}

/** The most machines that a file can lead to. */
export function demands({
  machines,
  cells,
  bridges,
}: Pick<Deployment, 'machines' | 'cells' | 'bridges'>): Demand[] {
  const wanted: Demand[] = [
    { what: 'cells', role: cellRole(!bridges), types: [machines.cell], onDemand: cells, spot: 0 },
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
