import fc from 'fast-check';
import pWaitFor from 'p-wait-for';
import { afterEach, describe, expect, it } from 'vitest';
import { type FakeAnswer, FakeApi, type FakeRequest } from '../../test/fake-api.js';
import { lockName } from '../contract/names.js';
import type { Clock } from './account.js';
import { systemClock } from './clock.js';
import { withLock } from './lock.js';
import { parameter, type Version, type VersionedParameter } from './lock-parameter.js';
import { type HeldLock, type Holder, isHeld, Lock } from './lock-protocol.js';

const now = new Date('2026-11-25T12:00:00Z');
const lock = (changes: { host?: string; pid?: number; ago?: number } = {}): HeldLock => ({
  holder: {
    verb: 'up',
    who: 'arn:aws:iam::123456789012:user/ada',
    host: changes.host ?? 'there',
    pid: changes.pid ?? 7,
    since: '2026-11-25T11:00:00Z',
  },
  silent: (changes.ago ?? 20) * 1000,
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

const who = (host: string): Holder => ({ ...lock().holder, host });
const write = (id: string, holder: Holder | null) => JSON.stringify({ id, after: null, holder });

/** What concurrent commands may find. */
const LEFTOVERS: Readonly<Record<string, (parameter: ModelParameter) => void>> = {
  nothing: () => {},
  'a lock that was released': (parameter) => parameter.put(write('0', null)),
  'a value that is not a lock': (parameter) => parameter.put('something else'),
  'a lock whose holder has gone': (parameter) => {
    parameter.put(write('0', who('gone')));
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
    const one = new Lock(parameter, who(`host-${index}`), clock);
    try {
      await one.take('meet');
    } catch (error) {
      expect((error as Error).name).toBe('Busy');
      return;
    }
    had += 1;
    inside += 1;
    most = Math.max(most, inside);
    for (let each = 0; each < plan.renewals; each++) if (!(await one.renew(who(`host-${index}`)))) lost += 1;
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

describe('a command with the lock', () => {
  /** Systems Manager, with one parameter, which was written this long ago in milliseconds. */
  const parameterStore = (age = 0) => {
    let versions: string[] = [];
    return ({ service, action, body }: FakeRequest): FakeAnswer => {
      if (service === 'sts') return { body: IDENTITY };
      const asked = JSON.parse(body);
      switch (action) {
        case 'PutParameter':
          if (versions.length > 0 && !asked.Overwrite)
            return { status: 400, body: { __type: 'ParameterAlreadyExists' } };
          versions.push(asked.Value);
          return { body: { Version: versions.length } };
        case 'DeleteParameter':
          versions = [];
          return { body: {} };
        default: {
          const [, selected] = asked.Name.split(':');
          const Version = selected ? Number(selected) : versions.length;
          const Value = versions[Version - 1];
          return Value
            ? { body: { Parameter: { Value, Version, LastModifiedDate: (Date.now() - age) / 1_000 } } }
            : { status: 400, body: { __type: 'ParameterNotFound' } };
        }
      }
    };
  };
  const IDENTITY =
    '<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:x</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>';

  let api: FakeApi | undefined;
  afterEach(() => api?.stop());

  /** An account whose clock advances only when the test says so. */
  async function stillAccount() {
    api = await FakeApi.start(parameterStore());
    let ahead = 0;
    const waiting = new Set<() => void>();
    const clock: Clock = {
      now: () => new Date(Date.now() + ahead),
      wait: (_, signal) =>
        new Promise((resolve, reject) => {
          waiting.add(resolve);
          signal?.addEventListener('abort', () => reject(signal.reason));
        }),
    };
    const pass = (milliseconds: number) => {
      ahead += milliseconds;
      for (const resolve of waiting) resolve();
    };
    return { account: { ...api.account, clock }, pass };
  }
  const untilLost = (lost: AbortSignal) =>
    new Promise<never>((_, reject) => {
      lost.addEventListener('abort', () => reject(new Error('stopped')));
    });

  it('goes on after the machine slept for longer than the lease, if no other command took the lock', async () => {
    const { account, pass } = await stillAccount();
    const renewed = async () => (await parameter(account, lockName('meet')).latest())?.number === 2;
    const working = withLock({ account, deployment: 'meet', verb: 'up' }, async (lost) => {
      pass(10 * 60_000);
      await pWaitFor(renewed, { interval: 10 });
      return lost.aborted;
    });
    await expect(working).resolves.toBe(false);
  });

  it.each([
    ['20 minutes ahead', 20, 'a minute', 60_000, 'Busy'],
    ['20 minutes ahead', 20, 'four minutes', 240_000, undefined],
    ['20 minutes behind', -20, 'a minute', 60_000, 'Busy'],
    ['20 minutes behind', -20, 'four minutes', 240_000, undefined],
  ])(
    'a machine whose clock is %s (%i) finds a lock elsewhere that was renewed %s ago (%i): %s',
    async (_, off, __, age, refusal) => {
      api = await FakeApi.start(parameterStore(age));
      const wrong: Clock = { ...systemClock, now: () => new Date(Date.now() + off * 60_000) };
      const account = { ...api.account, clock: wrong };
      await parameter(account, lockName('meet')).overwrite(write('other', who('there')));
      const taking = withLock({ account, deployment: 'meet', verb: 'down' }, async () => undefined);
      expect(await taking.catch((error: Error) => error.name)).toBe(refusal);
    },
  );

  it.each([
    ['', 0],
    [', although the clock was set back by 20 minutes', -20 * 60_000],
  ])('stops when the lock could not be renewed for longer than the lease%s', async (_, change) => {
    let ahead = 0;
    const clock: Clock = {
      now: () => new Date(now.getTime() + ahead),
      wait: async (milliseconds) => {
        ahead += milliseconds + (ahead === 0 ? change : 0);
      },
    };
    const offline = () => Promise.reject(new Error('getaddrinfo ENOTFOUND'));
    const parameter: VersionedParameter = {
      latest: offline,
      version: offline,
      create: offline,
      overwrite: offline,
      remove: offline,
    };
    const why = await new Lock(parameter, who('here'), clock).keep(new AbortController().signal);
    expect(why).toBe('It could not be renewed for 160 seconds: getaddrinfo ENOTFOUND.');
  });

  it('goes on if the first renewals after a sleep fail, because the network comes back seconds later', async () => {
    const { account, pass } = await stillAccount();
    const real = parameter(account, lockName('meet'));
    let failures = 0;
    const flaky: VersionedParameter = {
      latest: () => real.latest(),
      version: (number) => real.version(number),
      create: (text) => real.create(text),
      overwrite: (text) => {
        failures += 1;
        return failures <= 2 ? Promise.reject(new Error('getaddrinfo EAI_AGAIN')) : real.overwrite(text);
      },
      remove: () => real.remove(),
    };
    const ended = new AbortController();
    const one = new Lock(flaky, who('here'), account.clock);
    await one.take('meet');
    const keeping = one.keep(ended.signal);
    pass(10 * 60_000);
    for (const attempt of [1, 2]) {
      await pWaitFor(() => failures === attempt, { interval: 10 });
      pass(10_000);
    }
    await pWaitFor(async () => (await real.latest())?.number === 2, { interval: 10 });
    ended.abort();
    expect(await keeping).toBeUndefined();
  });

  it('stops when another command has taken the lock', async () => {
    const { account, pass } = await stillAccount();
    const working = withLock({ account, deployment: 'meet', verb: 'up' }, async (lost) => {
      const found = await parameter(account, lockName('meet')).latest();
      const after = JSON.parse(found?.text ?? '').id;
      await parameter(account, lockName('meet')).overwrite(
        JSON.stringify({ id: 'other', after, holder: who('there') }),
      );
      pass(30_000);
      return untilLost(lost);
    });
    await expect(working).rejects.toMatchObject({
      name: 'LockLost',
      why: expect.stringContaining('Another command took the lock'),
      exitCode: 1,
      cause: { message: 'stopped' },
    });
    // It stays the other's.
    await expect(
      withLock({ account, deployment: 'meet', verb: 'down' }, async () => {}),
    ).rejects.toMatchObject({ name: 'Busy', why: expect.stringContaining('on there') });
  });

  it('releases it by a write, and deletes it only if nothing must be left behind', async () => {
    const { account } = await stillAccount();
    const common = { account, deployment: 'meet', verb: 'up' };
    const said = async () => (await parameter(account, lockName('meet')).latest())?.text;
    await expect(
      withLock({ ...common, leaveNothing: true }, () => Promise.reject(new Error('no'))),
    ).rejects.toThrow('no');
    expect(JSON.parse((await said()) ?? '')).toMatchObject({ holder: null });
    expect(await withLock(common, async () => 'done')).toBe('done');
    expect(JSON.parse((await said()) ?? '')).toMatchObject({ holder: null });
    await withLock({ ...common, leaveNothing: true }, async () => {});
    expect(await said()).toBeUndefined();
  });
});
