import type { Neighbour } from '../facts.js';

export type Cell = Extract<Neighbour, { role: 'cell' }>;

/** Name of a bridge's login at a machine of a cell. */
const loginAt = ({ cell, instanceId }: Cell): string => `cell-${cell}-${instanceId}`;
const OURS = /^cell-[a-z]{1,2}-i-[0-9a-f]+$/;

export interface Logins {
  readonly add: readonly { readonly id: string; readonly cell: Cell }[];
  /** Ids. */
  readonly remove: readonly string[];
}

/**
 * Which logins a bridge lacks, and which it has of machines that are gone, given those that it lists. It is asked again
 * and again, so a bridge that was restarted, and knows none, has them all a moment later. As long as nobody has found
 * out which cells there are, none is removed.
 */
export function logins(known: readonly Neighbour[] | undefined, listed: readonly string[]): Logins {
  if (!known) return { add: [], remove: [] };
  const wanted = new Map(known.flatMap((other) => (other.role === 'cell' ? [[loginAt(other), other]] : [])));
  return {
    add: [...wanted].filter(([id]) => !listed.includes(id)).map(([id, cell]) => ({ id, cell })),
    remove: listed.filter((id) => OURS.test(id) && !wanted.has(id)),
  };
}
