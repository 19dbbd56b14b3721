import { describe, expect, it } from 'vitest';
import { sampleShard } from '../../../../test/sample-observations.js';
import { shardHealth } from './health.js';
import {
  AGENT_CHECK_REPLY,
  NOTHING_REPORTED,
  nextState,
  type ReportedState,
  type ShardState,
  stateFor,
} from './shard-state.js';

const word = (changes: Parameters<typeof sampleShard>[0], draining = false) => {
  const seen = sampleShard(changes);
  return stateFor(seen, shardHealth(seen), draining);
};
const bridges = (operationalBridges: number) => ({
  jicofo: { version: '1.0', statistics: { participants: 0, conferences: 0, operationalBridges } },
});

describe('stateFor', () => {
  it.each([
    ['takes rooms', {}, false],
    ['takes rooms', { jicofo: { version: '1.0', statistics: undefined } }, false],
    ['has no bridge', bridges(0), false],
    ['draining', {}, true],
    ['draining', bridges(0), true],
    ['down', { prosodyServes: false }, false],
    ['down', { jicofo: undefined }, true],
  ] as const)('is "%s" for %j (draining: %s)', (expected, changes, draining) => {
    expect(word(changes, draining)).toBe(expected);
  });
});

/** Looks every 5 s; what is said after each. */
function said(looks: ShardState[], from: ReportedState = NOTHING_REPORTED): (ShardState | undefined)[] {
  let saying = from;
  return looks.map((look, round) => {
    saying = nextState(saying, look, round * 5_000);
    return saying.word;
  });
}
const well: ReportedState = { word: 'takes rooms', doubt: undefined };

describe('nextState', () => {
  it('says nothing before it is sure of something', () => {
    expect(said(['down', 'down', 'takes rooms'])).toEqual([undefined, undefined, 'takes rooms']);
  });

  it('does not call a shard down for a restart', () => {
    expect(said(['down', 'down', 'down', 'takes rooms'], well)).toEqual(Array(4).fill('takes rooms'));
    expect(said(['down', 'down', 'down', 'down'], well).at(-1)).toBe('down');
  });

  it('starts to count anew after a better look', () => {
    expect(said(['down', 'down', 'takes rooms', 'down', 'down', 'down'], well).at(-1)).toBe('takes rooms');
  });

  it('says at once what is better, and that somebody wants it drained', () => {
    expect(said(['takes rooms'], { word: 'down', doubt: undefined })).toEqual(['takes rooms']);
    expect(said(['draining'], well)).toEqual(['draining']);
    expect(said(['has no bridge'], { word: 'draining', doubt: undefined })).toEqual(['has no bridge']);
  });
});

describe('the lines', () => {
  it('undo each other, and close no shard for want of bridges', () => {
    for (const line of [AGENT_CHECK_REPLY['takes rooms'], AGENT_CHECK_REPLY['has no bridge']])
      expect(line).toMatch(/^up ready [1-9]/);
    expect(AGENT_CHECK_REPLY.draining).toMatch(/^up drain/);
  });
});
