import type { CellFacts, Neighbour } from '../facts.js';

/** A machine of a cell, as every edge of the deployment knows it. */
export interface Shard {
  /** Rooms are remembered by it: the EC2 instance id, so that a room stays with its machine and not with its cell. */
  readonly name: string;
  readonly address: string;
  /** Rooms are spread by it: the same on every edge, and not moved by a machine that comes or goes. */
  readonly id: number;
  /** False: another machine of the same cell is younger and takes the new rooms. This one keeps those that it has. */
  readonly takesRooms: boolean;
}

/** More than there can be cells. */
const NEXT_MACHINE_OF_CELL = 1000;

/** All cells' machines, this one among them, ordered by id. */
export function shards(facts: CellFacts): Shard[] {
  const { spec, surroundings } = facts;
  const here = { role: 'cell', cell: spec.cell, launched: Number.MAX_SAFE_INTEGER, ...surroundings } as const;
  const machines = [here, ...facts.neighbours].filter(isCell).sort(youngestFirst);
  const seen = new Map<string, number>();
  return machines
    .map(({ cell, instanceId, privateAddress }) => {
      const younger = seen.get(cell) ?? 0;
      seen.set(cell, younger + 1);
      return {
        name: instanceId,
        address: privateAddress,
        id: place(cell) + NEXT_MACHINE_OF_CELL * younger,
        takesRooms: younger === 0,
      };
    })
    .sort((one, other) => one.id - other.id);
}

/** Whether there is no other cell to share rooms with. Then nothing of a cell listens on the network but the edge. */
export const onlyCell = ({ spec }: CellFacts): boolean => spec.cells.length === 1;

type Machine = Pick<
  Extract<Neighbour, { role: 'cell' }>,
  'cell' | 'instanceId' | 'privateAddress' | 'launched'
>;

const isCell = (machine: { role: string }): machine is Extract<Neighbour, { role: 'cell' }> =>
  machine.role === 'cell';

/** Two that were launched in the same millisecond are told apart by their ids, in the same way everywhere. */
const youngestFirst = (one: Machine, other: Machine): number =>
  other.launched - one.launched || (one.instanceId < other.instanceId ? 1 : -1);

/** `a` is 1, `z` 26, `aa` 27: from the name alone, because during an upgrade edges may know lists of different lengths. */
const place = (cell: string): number =>
  [...cell].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 96, 0);
