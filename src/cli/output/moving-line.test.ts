import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ProgressEvent } from '../../operations/progress.js';
import { elapsed, estimate, lineOf, MovingLine } from './moving-line.js';

const resource = (completed: number, name: string): ProgressEvent => ({
  kind: 'resource',
  logicalId: 'JitsiShardARole44959DB6',
  name,
  type: 'AWS::IAM::Role',
  status: 'CREATE_COMPLETE',
  reason: '',
  completed,
  total: 40,
});

it.each([
  [0, '0 s'],
  [59.9, '59 s'],
  [185, '3 min 5 s'],
  [3720, '1 h 2 min'],
])('%s seconds are "%s"', (seconds, text) => {
  expect(elapsed(seconds)).toBe(text);
});

describe('what is left', () => {
  const count = { completed: 10, total: 40, since: 0, from: 0 };
  it.each([
    ['is by the pace of the parts', { title: '', since: 0, count }, 20_000, 'about a minute left'],
    ['is in whole minutes', { title: '', since: 0, count }, 40_000, 'about 2 min left'],
    [
      'is not estimated from the first few parts',
      { title: '', since: 0, count: { ...count, completed: 2 } },
      20_000,
      '',
    ],
    ['is not estimated in the first seconds', { title: '', since: 0, count }, 2_000, ''],
    ['is at most the timeout', { title: '', since: 0, limit: 900 }, 60_000, 'at most 14 min left'],
    ['is empty after the timeout', { title: '', since: 0, limit: 900 }, 960_000, ''],
    ['is unknown otherwise', { title: '', since: 0 }, 60_000, ''],
  ])('%s', (_, activity, now, left) => {
    expect(estimate(activity, now)).toBe(left);
  });
});

it('keeps the times in view on a narrow terminal, and never fills a line', () => {
  const activity = { title: 'Wait until the machines serve', since: 0, limit: 900 };
  const line = lineOf(activity, 61_000, 60);
  expect(line).toBe('… Wait until the machines …  1 min 1 s, at most 14 min left');
  expect(line.length).toBeLessThan(60);
});

describe('on a terminal', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('is one line that moves with the time, and ends as one', () => {
    const written: string[] = [];
    const line = new MovingLine({ write: (text) => written.push(text), columns: 100 }, Date.now);
    line.event({ kind: 'step', id: 'deploy', title: 'Deploy', state: 'started' });
    for (const completed of [1, 2, 3, 4, 5, 6, 7]) {
      vi.advanceTimersByTime(1000);
      line.event(resource(completed, "role of shard a's machines"));
    }
    vi.advanceTimersByTime(1000);
    expect(written.at(-1)).toBe("… Deploy: 7 of 40, role of shard a's machines  8 s, about a minute left");
    line.event({ kind: 'step', id: 'deploy', title: 'Deploy', state: 'done', seconds: 8 });
    expect(line.end()).toBe('1 step in 8 s');
    expect(written.join('')).not.toContain('\n');
    expect(written.at(-1)).toBe('\r\x1b[2K');
    vi.advanceTimersByTime(10_000);
    expect(written.at(-1)).toBe('\r\x1b[2K');
  });
});
