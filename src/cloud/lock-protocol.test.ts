import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holderOn, write } from '../../test/sample-lock.js';
import type { Version, VersionedParameter } from './lock-parameter.js';
import { type HeldLock, isHeld, Lock } from './lock-protocol.js';

const now = new Date('2026-11-25T12:00:00Z');
const lock = ({ host = 'there', pid = 7, ago = 20 } = {}): HeldLock => ({
  holder: holderOn(host, pid),
  silent: ago * 1000,
});
const here = { host: 'here', isAlive: (pid: number) => pid === 7 };

it.each([
  ['somebody elsewhere gave a sign of life just now', lock(), true],
  ['somebody elsewhere gave one after AWS’s last answer', lock({ ago: -1 }), true],
  ['somebody elsewhere has been silent for long', lock({ ago: 300 }), false],
  ['a process of this machine is alive', lock({ host: 'here' }), true],
  ['a process of this machine was killed, a moment ago', lock({ host: 'here', pid: 8 }), false],
  ['a process of that number lives here, but the lock is another machine’s', lock({ pid: 8 }), true],
])('%s', (_, found, held) => {
  expect(isHeld(found, here)).toBe(held);
});

/** Behaviour of a model of Systems Manager: the order of all operations, and which reads are stale. */
interface Weather {
  readonly scheduler: fc.Scheduler;
  /** For each call in turn: whether it sees what was so before, or is carried out twice. */
  readonly odd: () => boolean;
}

/** Parameter Store: versions without a gap, an atomic creation, no condition on replacing; reads may lag behind. */
class ModelParameter implements VersionedParameter {
  versions: Version[] = [];
  private seen: (readonly Version[])[] = [[]];

  constructor(private readonly weather: Weather) {}

  put(text: string): number {
    this.versions = [...this.versions, { number: this.versions.length + 1, text, age: 1_000 }];
    this.seen.push(this.versions);
    return this.versions.length;
  }

  /** On the way there, and on the way back, others may come first. */
  private async call<T>(name: string, act: () => T): Promise<T> {
    await this.weather.scheduler.schedule(Promise.resolve(), `${name} arrives`);
    const answer = act();
    await this.weather.scheduler.schedule(Promise.resolve(), `${name} is answered`);
    return answer;
  }

  private now(): readonly Version[] {
    return (this.weather.odd() && this.seen.at(-2)) || this.versions;
  }

  latest = () => this.call('latest', () => this.now().at(-1));
  version = (number: number) => this.call('version', () => this.now()[number - 1]);
  create = (text: string) =>
    this.call('create', () => {
      if (this.versions.length > 0) return false;
      this.put(text);
      // The first answer was lost; the second attempt finds that it exists.
      return !this.weather.odd();
    });
  overwrite = (text: string) =>
    this.call('overwrite', () => {
      if (this.weather.odd()) this.put(text);
      return this.put(text);
    });
  remove = () =>
    this.call('remove', () => {
      this.versions = [];
      this.seen.push([]);
    });
}

/** What concurrent commands may find. */
const LEFTOVERS: Readonly<Record<string, (parameter: ModelParameter) => void>> = {
  nothing: () => {},
  'a lock that was released': (parameter) => parameter.put(write('0', null)),
  'a value that is not a lock': (parameter) => parameter.put('something else'),
  'a lock whose holder has gone': (parameter) => {
    parameter.put(write('0', holderOn('gone')));
    parameter.versions = parameter.versions.map((each) => ({ ...each, age: 10 * 60_000 }));
  },
};

/** Concurrent commands take the lock, work, renew, and release it. Returns the most that had it at the same time. */
async function compete(
  leftover: (parameter: ModelParameter) => void,
  weather: Weather,
  plans: readonly { readonly renewals: number; readonly removes: boolean }[],
): Promise<{ most: number; had: number; lost: number }> {
  const parameter = new ModelParameter(weather);
  leftover(parameter);
  const clock = {
    now: () => now,
    wait: () => weather.scheduler.schedule(Promise.resolve(), 'a wait ends').then(() => {}),
  };
  let [inside, most, had, lost] = [0, 0, 0, 0];
  const come = async (plan: (typeof plans)[number], index: number) => {
    const one = new Lock(parameter, holderOn(`host-${index}`), clock);
    try {
      await one.take('meet');
    } catch (error) {
      expect((error as Error).name).toBe('Busy');
      return;
    }
    had += 1;
    inside += 1;
    most = Math.max(most, inside);
    for (let each = 0; each < plan.renewals; each++)
      if (!(await one.renew(holderOn(`host-${index}`)))) lost += 1;
    inside -= 1;
    await one.release(plan.removes);
  };
  await weather.scheduler.waitFor(Promise.all(plans.map(come)));
  return { most, had, lost };
}

describe.each(Object.entries(LEFTOVERS))('several commands that find %s at the same time', (_, leftover) => {
  const plans = fc.array(fc.record({ renewals: fc.nat(2), removes: fc.boolean() }), {
    minLength: 2,
    maxLength: 4,
  });

  it('have it one at a time, in whatever order AWS gets and answers their calls', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), plans, async (scheduler, all) => {
        const { most, had, lost } = await compete(leftover, { scheduler, odd: () => false }, all);
        expect({ most, lost }).toEqual({ most: 1, lost: 0 });
        expect(had).toBeGreaterThan(0);
      }),
      { numRuns: 60 },
    );
  });

  it('do so with stale reads and lost responses', async () => {
    const odd = fc.infiniteStream(fc.boolean());
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), plans, odd, async (scheduler, all, stream) => {
        // A limited number of faults, because with unlimited ones no command could ever take the lock.
        let left = 12;
        const isOdd = () => left-- > 0 && stream.next().value === true;
        const { most } = await compete(leftover, { scheduler, odd: isOdd }, all);
        expect(most).toBeLessThanOrEqual(1);
      }),
      { numRuns: 60 },
    );
  });
});
