import { describe, expect, it } from 'vitest';
import { others, type StickTableSync, syncState } from './stick-table-sync.js';

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
    ['0x0', true, 'waiting', 'it has just started'],
    ['0x100001', true, 'waiting', 'there was no process to replace'],
    ['0x22100003', true, 'synced', 'a remote peer has sent the full table'],
    ['0x11000003', undefined, 'synced', 'the previous process has sent the full table'],
    ['0x0', false, 'synced', 'the other edge is just as new'],
    ['0x28300003', true, 'incomplete', 'the other edge was still synchronizing'],
    ['0x300003', true, 'incomplete', 'the other edge was not connected in time'],
    ['0x300003', undefined, 'waiting', 'the other edge is connected and slow to answer'],
  ])('with the flags %s and another edge that answers %s is %s: %s', (flags, says, expected) => {
    expect(syncState(shown(flags), [says])).toBe(expected);
  });

  it('does not wait for a failed machine', () => {
    expect(syncState(shown('0x300003', 'NONE'), [undefined])).toBe('synced');
  });

  it('is not synchronized while HAProxy does not answer', () => {
    expect(syncState('', [])).toBe('waiting');
  });

  it('without others is synchronized', () => {
    expect(syncState(shown('0x0'), [])).toBe('synced');
  });

  it('synchronizes with the others, not with itself', () => {
    expect(others(shown('0x0'))).toEqual(['10.20.0.14']);
  });
});
