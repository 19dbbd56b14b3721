import pWaitFor from 'p-wait-for';
import { afterEach, describe, expect, it } from 'vitest';
import { type FakeAnswer, FakeApi, type FakeRequest } from '../../test/fake-api.js';
import { holderOn, write } from '../../test/sample-lock.js';
import { lockName } from '../contract/names.js';
import type { Clock } from './account.js';
import { systemClock } from './clock.js';
import { withLock } from './lock.js';
import { parameter, type Version, type VersionedParameter } from './lock-parameter.js';
import { Lock } from './lock-protocol.js';

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
  /** Whether it was written again. More than once, if a busy machine lost a response. */
  const isRenewed = (found: Version | undefined) => (found?.number ?? 0) > 1;
  const untilLost = (lost: AbortSignal) =>
    new Promise<never>((_, reject) => {
      lost.addEventListener('abort', () => reject(new Error('stopped')));
    });

  it('goes on after the machine slept for longer than the lease, if no other command took the lock', async () => {
    const { account, pass } = await stillAccount();
    const renewed = async () => isRenewed(await parameter(account, lockName('meet')).latest());
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
      await parameter(account, lockName('meet')).overwrite(write('other', holderOn('there')));
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
      now: () => new Date(ahead),
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
    const why = await new Lock(parameter, holderOn('here'), clock).keep(new AbortController().signal);
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
    const one = new Lock(flaky, holderOn('here'), account.clock);
    await one.take('meet');
    const keeping = one.keep(ended.signal);
    pass(10 * 60_000);
    for (const attempt of [1, 2]) {
      await pWaitFor(() => failures === attempt, { interval: 10 });
      pass(10_000);
    }
    await pWaitFor(async () => isRenewed(await real.latest()), { interval: 10 });
    ended.abort();
    expect(await keeping).toBeUndefined();
  });

  it('stops when another command has taken the lock', async () => {
    const { account, pass } = await stillAccount();
    const working = withLock({ account, deployment: 'meet', verb: 'up' }, async (lost) => {
      const found = await parameter(account, lockName('meet')).latest();
      const after = JSON.parse(found?.text ?? '').id;
      await parameter(account, lockName('meet')).overwrite(
        JSON.stringify({ id: 'other', after, holder: holderOn('there') }),
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
