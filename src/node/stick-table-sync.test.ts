import { describe, expect, it } from 'vitest';
import { knowledge, others, type StickTableSync } from './stick-table-sync.js';

const shown = (
  flags: string,
  status = 'ESTA',
) => `0x7efc0769aa00: [25/Nov/2026:06:59:21] id=shards disabled=0 flags=${flags} resync_timeout=5s task_calls=7
  0x7efc076318c0: id=i-b(remote,active) addr=10.20.0.14:8103 app_state=RUNNING learn_state=NOTASSIGNED last_status=${status}
        flags=0x3 appctx:0x7efc0679a280 st0=7 st1=0 task_calls=390 state=EST
  0x7efc07631800: id=i-a(local,inactive) addr=10.20.0.13:8103 app_state=STOPPED learn_state=NOTASSIGNED last_status=NONE
`;

describe('an edge', () => {
  it.each<[string, boolean | undefined, StickTableSync, string]>([
    ['0x0', true, 'awaited', 'it has just started'],
    ['0x100001', true, 'awaited', 'there was no process to relieve'],
    ['0x22100003', true, 'known', 'another machine has told it everything'],
    ['0x11000003', undefined, 'known', 'the process before it has told it everything'],
    ['0x0', false, 'known', 'the other is as new as it is'],
    ['0x28300003', true, 'incomplete', 'the other was learning itself'],
    ['0x300003', true, 'incomplete', 'the other was not connected in time'],
    ['0x300003', undefined, 'awaited', 'the other is connected, and slow to say whether it knows'],
  ])('with the flags %s, another that says %s: %s, since %s', (flags, says, expected) => {
    expect(knowledge(shown(flags), [says])).toBe(expected);
  });

  it('does not wait for a machine that is dead', () => {
    expect(knowledge(shown('0x300003', 'NONE'), [undefined])).toBe('known');
  });

  it('knows nothing while HAProxy does not answer', () => {
    expect(knowledge('', [])).toBe('awaited');
  });

  it('that is alone has nothing to learn', () => {
    expect(knowledge(shown('0x0'), [])).toBe('known');
  });

  it('can learn from the others, not from itself', () => {
    expect(others(shown('0x0'))).toEqual(['10.20.0.14']);
  });
});
