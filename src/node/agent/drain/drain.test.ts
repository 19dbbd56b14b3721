import { describe, expect, it } from 'vitest';
import { type Action, type Drain, type DrainFacts, type DrainRules, step } from './drain.js';

const RULES: DrainRules = { settleTime: 6_000, limit: 30 * 60_000, movesParticipants: true };
const SERVING: DrainFacts = {
  signals: { terminating: false, spotEnd: null, requested: false },
  closed: false,
  participants: 3,
  failed: false,
};
const called = (signals: Partial<DrainFacts['signals']>): DrainFacts => ({
  ...SERVING,
  signals: { ...SERVING.signals, ...signals },
  closed: true,
});
const TERMINATING = called({ terminating: true });

/** Takes a step every second with the facts of that second. Returns the seconds of each action, and the messages. */
function simulate(facts: (second: number) => DrainFacts, seconds: number, rules = RULES) {
  let drain: Drain;
  const done: [number, Action][] = [];
  const messages: string[] = [];
  for (let second = 0; second <= seconds; second++) {
    const taken = step(drain, facts(second), rules, second * 1_000);
    drain = taken.drain;
    done.push(...taken.actions.map((action): [number, Action] => [second, action]));
    if (taken.message) messages.push(taken.message);
  }
  const at = (action: Action) => done.filter(([, what]) => what === action).map(([second]) => second);
  return { drain, at, messages };
}

describe('a machine in service', () => {
  it('does nothing', () => {
    expect(simulate(() => SERVING, 100)).toMatchObject({ drain: undefined, messages: [] });
  });

  it('is opened if it was left closed', () => {
    expect(simulate((s) => ({ ...SERVING, closed: s < 2 }), 10).at('open')).toEqual([0, 1]);
  });

  it('does not drain because the metadata service does not answer', () => {
    const silent = called({ terminating: undefined, spotEnd: undefined, requested: undefined });
    expect(simulate(() => silent, 100).drain).toBeUndefined();
  });
});

describe('a machine that Auto Scaling terminates', () => {
  it('closes, has participants moved as soon as Jicofo agrees, and ends when it is empty', () => {
    const { at, messages } = simulate(
      (s) => (s === 0 ? { ...TERMINATING, closed: false } : { ...TERMINATING, participants: s < 9 ? 3 : 0 }),
      12,
    );
    expect(at('close')).toEqual([0]);
    expect(at('move')).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(at('complete')).toEqual([12]);
    expect(messages).toEqual([
      'draining: Auto Scaling is terminating this machine',
      'ready to terminate: no participants are left',
    ]);
  });

  it('repeats the move while participants stay, and keeps Auto Scaling waiting', () => {
    const { at } = simulate(() => TERMINATING, 65);
    expect(at('move')).toEqual(Array.from({ length: 66 }, (_, second) => second));
    expect(at('heartbeat')).toEqual([30, 60]);
    expect(at('complete')).toEqual([]);
  });

  it('ends as soon as it is empty, but not before Jicofo knows that it drains', () => {
    expect(simulate(() => ({ ...TERMINATING, participants: 0 }), 10).at('complete')).toEqual([6]);
  });

  it('does not count as empty when it was not observed, nor after one observation', () => {
    expect(simulate(() => ({ ...TERMINATING, participants: undefined }), 100).at('complete')).toEqual([]);
    expect(simulate((s) => ({ ...TERMINATING, participants: s % 3 ? 0 : 1 }), 100).at('complete')).toEqual(
      [],
    );
  });

  it('ends with participants on it after the time limit, and logs how many', () => {
    const { at, messages } = simulate(() => TERMINATING, 1_800);
    expect(at('complete')).toEqual([1_800]);
    expect(messages.at(-1)).toBe('ready to terminate: 30 minutes have passed, with 3 participants on it');
  });

  it('does not wait when the bridge has failed for good', () => {
    expect(
      simulate(() => ({ ...TERMINATING, participants: undefined, failed: true }), 5).at('complete'),
    ).toEqual([0]);
  });

  it('repeats the completion until the machine ends, and logs it once', () => {
    const { at, messages } = simulate(() => ({ ...TERMINATING, participants: 0 }), 40);
    expect(at('complete')).toEqual([6, 21, 36]);
    expect(messages).toHaveLength(2);
  });

  it('stays closed when its bridge restarts', () => {
    expect(simulate((s) => ({ ...TERMINATING, closed: s !== 20 }), 30).at('close')).toEqual([20]);
  });

  it('does not return to service because the metadata service fails', () => {
    const { drain } = simulate((s) => (s < 5 ? TERMINATING : called({ terminating: undefined })), 20);
    expect(drain).toBeDefined();
  });

  it('moves nobody from a shard, where meetings run to their end', () => {
    expect(simulate(() => TERMINATING, 100, { ...RULES, movesParticipants: false }).at('move')).toEqual([]);
  });
});

describe('a spot instance with a two-minute notice', () => {
  const notice = called({ spotEnd: 120_000 });

  it('has participants moved, and completes no lifecycle action', () => {
    const { at, messages } = simulate((s) => ({ ...notice, participants: s < 8 ? 3 : 0 }), 130);
    expect(at('move')).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(at('complete')).toEqual([]);
    expect(messages).toEqual(['draining: AWS interrupts this spot instance at 1970-01-01T00:02:00.000Z']);
  });

  it('ends just before the interruption if Auto Scaling waits for it', () => {
    const { at } = simulate(() => called({ spotEnd: 120_000, terminating: true }), 120);
    expect(at('complete')).toEqual([115]);
  });
});

describe('a machine that an administrator drains', () => {
  it('is emptied and keeps running', () => {
    const { at, drain } = simulate(
      (s) => ({ ...called({ requested: true }), participants: s < 8 ? 3 : 0 }),
      7_300,
    );
    expect(at('move')).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(at('complete')).toEqual([]);
    expect(at('heartbeat')).toEqual([]);
    expect(drain).toBeDefined();
  });

  it('returns to service on request', () => {
    const { at, messages, drain } = simulate((s) => (s < 10 ? called({ requested: true }) : SERVING), 20);
    expect(at('open')).toEqual([10]);
    expect(messages.at(-1)).toBe('back in service');
    expect(drain).toBeUndefined();
  });

  it('still ends when Auto Scaling terminates it', () => {
    const { at } = simulate(
      (s) => ({ ...called({ requested: true, terminating: s > 60 }), participants: 0 }),
      62,
    );
    expect(at('complete')).toEqual([61]);
  });
});
