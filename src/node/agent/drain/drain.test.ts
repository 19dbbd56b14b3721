import { describe, expect, it } from 'vitest';
import { type Action, type Drain, type DrainFacts, type DrainRules, step } from './drain.js';

const RULES: DrainRules = { heardAfter: 6_000, limit: 30 * 60_000, moves: true };
const SERVING: DrainFacts = {
  calls: { terminating: false, spotEnd: null, asked: false },
  closed: false,
  people: 3,
  dead: false,
};
const called = (calls: Partial<DrainFacts['calls']>): DrainFacts => ({
  ...SERVING,
  calls: { ...SERVING.calls, ...calls },
  closed: true,
});
const TERMINATING = called({ terminating: true });

/** Every second a step, with the facts of that second: what was done when, in seconds, and what was said. */
function simulate(facts: (second: number) => DrainFacts, seconds: number, rules = RULES) {
  let drain: Drain;
  const done: [number, Action][] = [];
  const said: string[] = [];
  for (let second = 0; second <= seconds; second++) {
    const taken = step(drain, facts(second), rules, second * 1_000);
    drain = taken.drain;
    done.push(...taken.actions.map((action): [number, Action] => [second, action]));
    if (taken.say) said.push(taken.say);
  }
  const at = (action: Action) => done.filter(([, what]) => what === action).map(([second]) => second);
  return { drain, at, said };
}

describe('a machine in service', () => {
  it('does nothing', () => {
    expect(simulate(() => SERVING, 100)).toMatchObject({ drain: undefined, said: [] });
  });

  it('is opened when it was left closed', () => {
    expect(simulate((s) => ({ ...SERVING, closed: s < 2 }), 10).at('open')).toEqual([0, 1]);
  });

  it('is not called away by a metadata service that does not answer', () => {
    const silent = called({ terminating: undefined, spotEnd: undefined, asked: undefined });
    expect(simulate(() => silent, 100).drain).toBeUndefined();
  });
});

describe('a machine that Auto Scaling wants gone', () => {
  it('closes, has people moved as soon as the focus does it, and ends when nobody is left', () => {
    const { at, said } = simulate(
      (s) => (s === 0 ? { ...TERMINATING, closed: false } : { ...TERMINATING, people: s < 9 ? 3 : 0 }),
      12,
    );
    expect(at('close')).toEqual([0]);
    expect(at('move')).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(at('complete')).toEqual([12]);
    expect(said).toEqual(['leaving: Auto Scaling wants this machine to end', 'may end: nobody is here']);
  });

  it('asks again for those who stay, and keeps Auto Scaling waiting', () => {
    const { at } = simulate(() => TERMINATING, 65);
    expect(at('move')).toEqual(Array.from({ length: 66 }, (_, second) => second));
    expect(at('heartbeat')).toEqual([30, 60]);
    expect(at('complete')).toEqual([]);
  });

  it('ends at once when it is empty, but not before the focus has heard', () => {
    expect(simulate(() => ({ ...TERMINATING, people: 0 }), 10).at('complete')).toEqual([6]);
  });

  it('is not empty because it was not seen, nor for one look', () => {
    expect(simulate(() => ({ ...TERMINATING, people: undefined }), 100).at('complete')).toEqual([]);
    expect(simulate((s) => ({ ...TERMINATING, people: s % 3 ? 0 : 1 }), 100).at('complete')).toEqual([]);
  });

  it('leaves with people on it when the time is over, and says how many', () => {
    const { at, said } = simulate(() => TERMINATING, 1_800);
    expect(at('complete')).toEqual([1_800]);
    expect(said.at(-1)).toBe('may end: 30 minutes are over, with 3 people on it');
  });

  it('waits for nothing when the bridge has ended for good', () => {
    expect(simulate(() => ({ ...TERMINATING, people: undefined, dead: true }), 5).at('complete')).toEqual([
      0,
    ]);
  });

  it('is told again to end until it does, and said once', () => {
    const { at, said } = simulate(() => ({ ...TERMINATING, people: 0 }), 40);
    expect(at('complete')).toEqual([6, 21, 36]);
    expect(said).toHaveLength(2);
  });

  it('stays closed when its bridge is restarted', () => {
    expect(simulate((s) => ({ ...TERMINATING, closed: s !== 20 }), 30).at('close')).toEqual([20]);
  });

  it('does not return to service because the metadata service fails', () => {
    const { drain } = simulate((s) => (s < 5 ? TERMINATING : called({ terminating: undefined })), 20);
    expect(drain).toBeDefined();
  });

  it('moves nobody from a shard: there its meetings come to their end', () => {
    expect(simulate(() => TERMINATING, 100, { ...RULES, moves: false }).at('move')).toEqual([]);
  });
});

describe('a spot machine that AWS takes back in two minutes', () => {
  const notice = called({ spotEnd: 120_000 });

  it('has people moved, and tells nobody that it may end', () => {
    const { at, said } = simulate((s) => ({ ...notice, people: s < 8 ? 3 : 0 }), 130);
    expect(at('move')).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(at('complete')).toEqual([]);
    expect(said).toEqual(['leaving: AWS takes this spot machine at 1970-01-01T00:02:00.000Z']);
  });

  it('ends just before, where Auto Scaling waits for it', () => {
    const { at } = simulate(() => called({ spotEnd: 120_000, terminating: true }), 120);
    expect(at('complete')).toEqual([115]);
  });
});

describe('a machine that a person wants empty', () => {
  it('is emptied and stays, however long', () => {
    const { at, drain } = simulate((s) => ({ ...called({ asked: true }), people: s < 8 ? 3 : 0 }), 7_300);
    expect(at('move')).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(at('complete')).toEqual([]);
    expect(at('heartbeat')).toEqual([]);
    expect(drain).toBeDefined();
  });

  it('is in service again when they say so', () => {
    const { at, said, drain } = simulate((s) => (s < 10 ? called({ asked: true }) : SERVING), 20);
    expect(at('open')).toEqual([10]);
    expect(said.at(-1)).toBe('in service again');
    expect(drain).toBeUndefined();
  });

  it('ends when Auto Scaling wants it to, too', () => {
    const { at } = simulate((s) => ({ ...called({ asked: true, terminating: s > 60 }), people: 0 }), 62);
    expect(at('complete')).toEqual([61]);
  });
});
