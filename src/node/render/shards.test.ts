import { describe, expect, it } from 'vitest';
import { sampleFacts, sampleNeighbours, teamFacts } from '../../../test/sample-facts.js';
import type { CellFacts, Neighbour } from '../facts.js';
import { shards } from './shards.js';

const { cellA, cellB, bridge } = sampleNeighbours;
const own = teamFacts().surroundings.instanceId;
const ids = (facts: CellFacts): Record<string, number> =>
  Object.fromEntries(shards(facts).map(({ name, id }) => [name, id]));

/** What another machine of the same two cells sees. */
function seenBy(neighbour: Extract<Neighbour, { role: 'cell' }>, others: readonly Neighbour[]): CellFacts {
  const { cell, instanceId, privateAddress, launched } = neighbour;
  return sampleFacts({
    spec: { cell, cells: ['a', 'b'], bridgeOnBoard: false },
    surroundings: { instanceId, privateAddress, launched },
    neighbours: others,
  });
}

describe('shards', () => {
  it('are the same for all edges', () => {
    expect(shards(seenBy(cellA, [bridge, cellB]))).toEqual(shards(seenBy(cellB, [cellA, bridge])));
  });

  it('have an id of their cell, whoever else is there', () => {
    expect(ids(teamFacts())).toEqual({ [own]: 1, 'i-0bb': 2 });
    expect(ids(teamFacts([]))).toEqual({ [own]: 1 });
    expect(ids(seenBy(cellB, []))).toEqual({ 'i-0bb': 2 });
  });

  it('keep it when a machine is replaced, or the list of cells gets longer', () => {
    const after = { ...cellB, instanceId: 'i-0dd', privateAddress: '10.20.0.99' };
    expect(ids(teamFacts([after]))).toEqual({ [own]: 1, 'i-0dd': 2 });
    expect(ids(teamFacts([{ ...cellB, cell: 'aa' }]))).toEqual({ [own]: 1, 'i-0bb': 27 });
  });

  it('give new rooms to the younger of two machines of a cell, and no two machines the same id', () => {
    const younger = { ...cellB, instanceId: 'i-0dd', launched: cellB.launched + 60_000 };
    for (const neighbours of [
      [cellB, younger],
      [younger, cellB],
    ]) {
      expect(shards(teamFacts(neighbours)).slice(1)).toMatchObject([
        { name: 'i-0dd', id: 2, takesRooms: true },
        { name: 'i-0bb', id: 1002, takesRooms: false },
      ]);
    }
    const all = shards(seenBy(cellB, [younger, cellA]));
    expect(all).toEqual(shards(seenBy(younger, [cellB, cellA])));
    expect(all).toEqual(shards(seenBy(cellA, [cellB, younger])));
  });

  it('agree also on two that were launched in the same moment', () => {
    const twin = { ...cellB, instanceId: 'i-0dd' };
    expect(shards(seenBy(cellB, [twin, cellA]))).toEqual(shards(seenBy(twin, [cellA, cellB])));
  });
});
