import { generate } from 'selfsigned';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/cloud/clock.js';
import { probeMeeting } from '../../../src/operations/probe/meeting.js';
import { DOMAIN, PROSODY, Shard } from './shard.js';

describe.skipIf(!PROSODY)('probeMeeting (needs Prosody: apt-get install prosody)', () => {
  let shard: Shard;
  beforeAll(async () => {
    shard = await Shard.start();
    await shard.startBridge('jvb1');
    await shard.bridges(1);
  }, 60_000);
  afterAll(() => shard?.stop(), 30_000);
  afterEach(() => shard.front.instead.clear());

  const probe = (more: Partial<Parameters<typeof probeMeeting>[1]> = {}) =>
    probeMeeting(DOMAIN, { clock: systemClock, endpointOverride: shard.endpointOverride, ...more });

  it('reaches the offer of a session, and leaves no participant behind', async () => {
    const steps: string[] = [];
    const result = await probe({ onStep: ({ name }) => steps.push(name) });
    expect(result.steps.filter(({ ok }) => !ok)).toEqual([]);
    expect(result).toMatchObject({ ok: true, shard: 'a', usesFakes: true });
    expect(steps).toEqual(['page', 'config', 'focus', 'websocket', 'join', 'call', 'bosh']);
    await expect
      .poll(() => shard.stats(), { timeout: 10_000 })
      .toMatchObject({ conferences: 0, participants: 0 });
  }, 60_000);

  it('trusts only the given certificate authority', async () => {
    const other = await generate([{ name: 'commonName', value: DOMAIN }]);
    const result = await probe({ endpointOverride: { ...shard.endpointOverride, authority: other.cert } });
    expect(result.steps).toMatchObject([
      { name: 'page', ok: false, detail: expect.stringContaining('authority') },
    ]);
  });

  it('requires a certificate for the domain, not any of the authority', async () => {
    const result = await probeMeeting('other.example.test', {
      clock: systemClock,
      endpointOverride: shard.endpointOverride,
    });
    expect(result.steps).toMatchObject([
      { name: 'page', ok: false, detail: expect.stringContaining('another name') },
    ]);
  });

  it.each([
    ['/config.js', 503, 'config', 'no healthy machine'],
    ['/config.js', 'var config = {};', 'config', 'config.js is not complete'],
    ['/config.js', 'while (true);', 'config', 'config.js cannot be run'],
    ['/conference-request/v1', 502, 'focus', 'daemon behind it is not up'],
    ['/conference-request/v1', '{"ready":false,"focusJid":"focus@auth"}', 'focus', 'not ready'],
    ['/conference-request/v1', '<html>', 'focus', 'answered something else'],
    ['/http-bind', 404, 'bosh', 'does not have this path'],
  ])(
    'says what it means when %s gives %j',
    async (path, given, step, words) => {
      shard.front.instead.set(path, given);
      const result = await probe();
      expect(result.ok).toBe(false);
      expect(result.steps.at(-1)).toMatchObject({
        name: step,
        ok: false,
        detail: expect.stringContaining(words),
      });
    },
    60_000,
  );

  it('reports a page that is not that of a meeting', async () => {
    shard.front.instead.set('/party', '<html><title>Welcome to nginx!</title></html>');
    const result = await probe({ room: 'party' });
    expect(result.steps).toMatchObject([
      { name: 'page', ok: false, detail: expect.stringContaining('not the page of a meeting') },
    ]);
  });

  it('stops on request, without reporting a failure', async () => {
    await expect(probe({ signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
  });
});
