import { describe, expect, it } from 'vitest';
import type { Neighbour } from '../facts.js';
import { withoutSilentNewcomers } from './newcomers.js';

const at = { zone: 'eu-central-1a', launched: 0 };
const B: Neighbour = { role: 'cell', cell: 'b', instanceId: 'i-0b', privateAddress: '10.20.0.12', ...at };
const C: Neighbour = { role: 'cell', cell: 'c', instanceId: 'i-0c', privateAddress: '10.20.0.13', ...at };
const BRIDGE: Neighbour = { role: 'bridge', instanceId: 'i-0d', privateAddress: '10.20.0.14', ...at };

describe('a cell that EC2 tells of', () => {
  const others = async (known: readonly Neighbour[] | undefined, answering: readonly Neighbour[]) => {
    const answers = async (cell: Neighbour) => answering.includes(cell);
    return (await withoutSilentNewcomers({ launched: 7, others: [B, C, BRIDGE] }, known, answers)).others;
  };

  it('is left out until it answers', async () => {
    expect(await others([B], [])).toEqual([B, BRIDGE]);
    expect(await others([B], [C])).toEqual([B, C, BRIDGE]);
  });

  it('stays, whatever it answers, once it was there, or the edge was made with it', async () => {
    expect(await others([B, C], [])).toEqual([B, C, BRIDGE]);
    expect(await others(undefined, [])).toEqual([B, C, BRIDGE]);
  });
});
