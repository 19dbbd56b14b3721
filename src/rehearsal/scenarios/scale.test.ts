import { describe, expect, it } from 'vitest';
import type { MachineState } from '../../operations/drill/events.js';
import { leavingAtOnce } from './scale.js';

const events = (...all: [id: string, state: MachineState][]) =>
  all.map(([id, state], at) => ({ at, id, what: 'bridge', zone: 'x', state }));

describe('bridges that leave', () => {
  it('one after the other never count as two at once', () => {
    expect(
      leavingAtOnce(events(['i-1', 'leaving'], ['i-1', 'gone'], ['i-2', 'leaving'], ['i-2', 'gone'])),
    ).toBe(1);
    expect(leavingAtOnce(events(['i-1', 'leaving'], ['i-2', 'leaving'], ['i-1', 'gone']))).toBe(2);
    expect(leavingAtOnce([])).toBe(0);
  });
});
