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

const state = (changes: Parameters<typeof sampleShard>[0], draining = false) => {
  const seen = sampleShard(changes);
  return stateFor(seen, shardHealth(seen), draining);
};
const bridges = (operationalBridges: number) => ({
  jicofo: {
    version: '1.0',
    statistics: { participants: 0, conferences: 0, bridges: operationalBridges, operationalBridges },
  },
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
    expect(state(changes, draining)).toBe(expected);
  });
});

/** Observes every 5 s; returns the reported state after each. */
function reported(states: ShardState[], from: ReportedState = NOTHING_REPORTED): (ShardState | undefined)[] {
  let state = from;
  return states.map((next, round) => {
    state = nextState(state, next, round * 5_000);
    return state.reported;
  });
}
const healthy: ReportedState = { reported: 'takes rooms', pending: undefined };

describe('nextState', () => {
  it('reports nothing before a state is confirmed', () => {
    expect(reported(['down', 'down', 'takes rooms'])).toEqual([undefined, undefined, 'takes rooms']);
  });

  it('keeps rooms away from a new shard until it has a bridge', () => {
    expect(reported(['has no bridge', 'has no bridge', 'takes rooms'])).toEqual([
      'has no bridge',
      'has no bridge',
      'takes rooms',
    ]);
  });

  it('does not report a shard as down during a restart', () => {
    expect(reported(['down', 'down', 'down', 'takes rooms'], healthy)).toEqual(Array(4).fill('takes rooms'));
    expect(reported(['down', 'down', 'down', 'down'], healthy).at(-1)).toBe('down');
  });

  it('starts over after a better observation', () => {
    expect(reported(['down', 'down', 'takes rooms', 'down', 'down', 'down'], healthy).at(-1)).toBe(
      'takes rooms',
    );
  });

  it('reports improvements and requested drains at once', () => {
    expect(reported(['takes rooms'], { reported: 'down', pending: undefined })).toEqual(['takes rooms']);
    expect(reported(['draining'], healthy)).toEqual(['draining']);
    expect(reported(['has no bridge'], { reported: 'draining', pending: undefined })).toEqual([
      'has no bridge',
    ]);
  });
});

describe('agent check replies', () => {
  it('undo each other, and close no shard that lacks bridges', () => {
    for (const line of [AGENT_CHECK_REPLY['takes rooms'], AGENT_CHECK_REPLY['has no bridge']])
      expect(line).toMatch(/^up ready [1-9]/);
    expect(AGENT_CHECK_REPLY.draining).toMatch(/^up drain/);
  });
});
