import { describe, expect, it } from 'vitest';
import { sampleNeighbours } from '../../../test/sample-facts.js';
import { logins } from './muc-clients.js';

const { cellA, cellB, bridge } = sampleNeighbours;
const ids = (known: Parameters<typeof logins>[0], listed: string[]) => {
  const { add, remove } = logins(known, listed);
  return { add: add.map(({ id }) => id), remove };
};

describe('logins', () => {
  it.each([
    [
      'adds all to a bridge that has just started',
      [cellA, bridge, cellB],
      [],
      ['cell-a-i-0aa', 'cell-b-i-0bb'],
      [],
    ],
    ['leaves well alone', [cellA, cellB], ['cell-b-i-0bb', 'cell-a-i-0aa'], [], []],
    ['follows a cell to its new machine', [cellA], ['cell-a-i-0ff'], ['cell-a-i-0aa'], ['cell-a-i-0ff']],
    ['removes a cell that is gone', [cellA], ['cell-a-i-0aa', 'cell-b-i-0bb'], [], ['cell-b-i-0bb']],
    ['removes nothing while nobody knows who is there', undefined, ['cell-b-i-0bb'], [], []],
    ['does not touch a login that a person added', [], ['elsewhere', 'cell-a'], [], []],
  ])('%s', (_, known, listed, add, remove) => {
    expect(ids(known, listed)).toEqual({ add, remove });
  });
});
