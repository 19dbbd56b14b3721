import { describe, expect, it } from 'vitest';
import { hasLearnt, others } from './edge-rooms.js';

const shown = (
  flags: string,
) => `0x7efc0769aa00: [25/Nov/2026:06:59:21] id=cells disabled=0 flags=${flags} resync_timeout=5s task_calls=7
  0x7efc076318c0: id=i-b(remote,active) addr=10.20.0.14:8103 app_state=RUNNING learn_state=NOTASSIGNED last_status=ESTA
        flags=0x3 appctx:0x7efc0679a280 st0=7 st1=0 task_calls=390 state=EST
  0x7efc07631800: id=i-a(local,inactive) addr=10.20.0.13:8103 app_state=STOPPED learn_state=NOTASSIGNED last_status=NONE
`;

describe('an edge', () => {
  it.each([
    ['0x0', false],
    ['0x100001', false],
    ['0x22100003', true],
  ])('with the flags %s has learnt which room is where: %s', (flags, learnt) => {
    expect(hasLearnt(shown(flags))).toBe(learnt);
  });

  it('that does not answer has not', () => {
    expect(hasLearnt('')).toBe(false);
  });

  it('can learn from the others, not from itself', () => {
    expect(others(shown('0x0'))).toEqual(['10.20.0.14']);
  });
});
