import { describe, expect, it } from 'vitest';
import { selectMachine } from './shell.js';

const machine = (id: string, role: string, shard = '', launched = 0, state = 'running') => ({
  id,
  role,
  shard,
  state,
  launched: new Date(launched),
});
const all = [
  machine('i-0aa1', 'shard', 'a', 1),
  machine('i-0aa2', 'shard', 'a', 2),
  machine('i-0bb1', 'shard', 'b', 1),
  machine('i-0cc1', 'bridge'),
  machine('i-0cc2', 'bridge', '', 0, 'shutting-down'),
];

describe('the machine of a shell', () => {
  it('is a shard’s youngest, the only bridge, or the one with this id', () => {
    expect(selectMachine('a', all)).toBe('i-0aa2');
    expect(selectMachine('shard-b', all)).toBe('i-0bb1');
    expect(selectMachine('bridge', all)).toBe('i-0cc1');
    expect(selectMachine('i-0aa1', all)).toBe('i-0aa1');
    expect(selectMachine('i-0b', all)).toBe('i-0bb1');
  });

  it.each([
    ['i-0aa', '"i-0aa" is several machines.'],
    ['c', 'No running machine is "c".'],
    ['i-0cc2', 'No running machine is "i-0cc2".'],
    ['', 'No running machine is "".'],
  ])('is not guessed: %s', (node, what) => {
    expect(() => selectMachine(node, all)).toThrow(what);
  });
});
