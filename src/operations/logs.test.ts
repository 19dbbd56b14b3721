import { describe, expect, it } from 'vitest';
import { telling } from './last-lines.js';
import { type MachineLine, machineLine, pattern, streamPrefix, timeOf } from './logs.js';

const at = new Date('2026-12-02T12:00:00Z');
const line = (changes: Partial<MachineLine> = {}): MachineLine => ({
  at,
  machine: 'shard-a',
  instance: 'i-0a',
  daemon: 'jicofo',
  level: 'warning',
  text: 'Bridge lost',
  ...changes,
});

describe('a node', () => {
  const streams = ['shard-a/i-0a', 'shard-a/i-0b1', 'shard-ab/i-0d', 'bridge/i-0b2'];

  it.each([
    ['a', 'shard-a/'],
    ['shard-a', 'shard-a/'],
    ['ab', 'shard-ab/'],
    ['bridge', 'bridge/'],
    ['i-0b1', 'shard-a/i-0b1'],
    ['i-0a', 'shard-a/i-0a'],
  ])('%s', (node, prefix) => {
    expect(streamPrefix(node, streams)).toBe(prefix);
  });

  it.each([
    ['c', /No machine "c" has written lines/],
    ['shard', /No machine/],
    ['i-0b', /Several machines/],
    ['', /No machine/],
  ])('%j is not known', (node, message) => {
    expect(() => streamPrefix(node, streams)).toThrow(message);
  });
});

it.each([
  ['90s', '2026-12-02T11:58:30.000Z'],
  ['30m', '2026-12-02T11:30:00.000Z'],
  ['2h', '2026-12-02T10:00:00.000Z'],
  ['7d', '2026-11-25T12:00:00.000Z'],
  ['2026-12-01T10:00Z', '2026-12-01T10:00:00.000Z'],
])('--since %s', (text, time) => {
  expect(timeOf(text, at).toISOString()).toBe(time);
});

it.each(['', '5', 'yesterday', '-1h', '1w', '2026-13-01'])('--since %j is refused', (text) => {
  expect(() => timeOf(text, at)).toThrow(/is not a time/);
});

describe('a pattern', () => {
  it('in lower case ignores case, as in journalctl, and sees daemon and level', () => {
    expect(pattern('bridge lost')(line())).toBe(true);
    expect(pattern('Bridge Lost')(line())).toBe(false);
    expect(pattern('^jicofo warning')(line())).toBe(true);
  });

  it('that is not a regular expression is refused', () => {
    expect(() => pattern('(')).toThrow(/not a regular expression/);
  });
});

it('an event that no machine of this version wrote is shown as it is', () => {
  const event = { id: '1', at, stream: 'bridge/i-0b', message: 'hello' };
  expect(machineLine(event)).toMatchObject({
    machine: 'bridge',
    instance: 'i-0b',
    daemon: 'unknown',
    text: 'hello',
  });
  const message = JSON.stringify({ daemon: 'prosody', level: 3, text: 'no memory' });
  expect(machineLine({ ...event, message })).toMatchObject({
    daemon: 'prosody',
    level: 'error',
    text: 'no memory',
  });
});

it('an error quotes the last lines of provisioning and the last warnings, in order of time', () => {
  const later = (minutes: number) => new Date(at.getTime() + minutes * 60_000);
  const lines = [
    ...[0, 1, 2, 3, 4].map((n) =>
      line({ at: later(n), daemon: 'provisioning', level: 'info', text: `step ${n}` }),
    ),
    line({ at: later(1), text: 'old' }),
    line({ at: later(5), level: 'info', text: 'not a warning' }),
    ...[3.5, 6, 7].map((n) => line({ at: later(n), text: `warning ${n}` })),
  ].sort((a, b) => a.at.getTime() - b.at.getTime());
  expect(telling(lines).map(({ text }) => text)).toEqual([
    'step 2',
    'step 3',
    'warning 3.5',
    'step 4',
    'warning 6',
    'warning 7',
  ]);
});
