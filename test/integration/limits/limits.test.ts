import { beforeAll, describe, expect, it } from 'vitest';
import type { Observation } from './observe.js';
import { observedAttacks } from './observed-attacks.js';

const ATTACKS = [
  'nested BOSH bodies of 950 KB',
  'nested BOSH bodies of 60 KB',
  'nested BOSH bodies of 9 KB',
  'BOSH sessions that are opened and abandoned',
  'conference requests for new rooms',
  'conference requests for breakout rooms that do not exist',
  'conference requests with bodies of 8 KB',
  'nested stanzas after login',
  'discovery by many',
  'WebSockets that never log in',
  'participants who log in and do nothing',
  'slow bodies',
  'many requests over HTTP',
  'large messages in a room',
  'presence in a room',
  'rosters and subscriptions',
  'BOSH bodies with 9 KB of attributes',
  'stanzas of 60 KB over WebSocket before login',
  'WebSocket pings and fragments without text',
  'presence at addresses of many rooms, and leaving',
  'invitations of the room, each for many',
];
const NEWCOMERS = 5;

let observed: Map<string, Observation>;
beforeAll(async () => {
  observed = await observedAttacks({ attacks: ATTACKS, seconds: 1.5, newcomers: NEWCOMERS });
}, 300_000);

const median = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[values.length >> 1] ?? Number.NaN;

describe.each(ATTACKS)('during an attack (%s)', (name) => {
  const seen = () => observed.get(name) as Observation;

  it('participants stay in their meeting, and their messages arrive', () => {
    const { stayed, messages, slowest } = seen();
    expect({ stayed, messages, slowest }).toEqual({
      stayed: true,
      messages: expect.any(Number),
      slowest: expect.any(Number),
    });
    expect(messages).toBeGreaterThan(1);
    expect(slowest).toBeLessThan(3_000);
  });

  it('new participants join, half of them within 5 s', () => {
    const { newcomers } = seen();
    const joined = newcomers.filter((time) => time !== null);
    expect(joined, `${newcomers}`).toHaveLength(NEWCOMERS);
    expect(median(joined)).toBeLessThanOrEqual(5_000);
  });

  it('Prosody uses less than 80 MB', () => {
    // It uses 23 MB when idle.
    expect(seen().peak).toBeLessThan(80);
  });
});
