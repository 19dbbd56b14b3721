import type { XmppClient } from '@xmpp/client';
import xml, { type Element } from '@xmpp/xml';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/cloud/clock.js';
import { warmUp } from '../../../src/node/agent/warm-up/warm-up.js';
import { probeMeeting } from '../../../src/operations/probe/meeting.js';
import { Participant } from '../../../src/operations/probe/xmpp-participant.js';
import { stayLoggedIn, trustAnyCertificate } from '../../../src/rehearsal/fakes/daemon/xmpp-session.js';
import { meeting } from './meeting.js';
import { BREWERY, type BridgeHandle, DOMAIN, PROSODY, Shard } from './shard.js';

const PATIENCE = 15_000;

describe.skipIf(!PROSODY)('fakes (need Prosody: apt-get install prosody)', { timeout: 60_000 }, () => {
  let shard: Shard;
  const bridges: BridgeHandle[] = [];
  const participants: Participant[] = [];
  beforeAll(async () => {
    shard = await Shard.start();
  }, 60_000);
  afterAll(() => shard?.stop(), 30_000);
  afterEach(async () => {
    await Promise.all(participants.splice(0).map((participant) => participant.leave()));
    for (const { process } of bridges) process.kill('SIGTERM');
    await Promise.all(bridges.splice(0).map(({ ended }) => ended));
    await expect
      .poll(() => shard.stats(), { timeout: PATIENCE })
      .toMatchObject({
        conferences: 0,
        bridge_selector: { bridge_count: 0 },
      });
  }, 30_000);

  const bridge = async (...options: Parameters<Shard['startBridge']>): Promise<BridgeHandle> => {
    const started = await shard.startBridge(...options);
    bridges.push(started);
    return started;
  };

  const meet = () => meeting(shard, participants, PATIENCE);

  const stats = async ({ rest }: BridgeHandle): Promise<Record<string, unknown>> =>
    (await (await fetch(`${rest}/colibri/stats`)).json()) as Record<string, unknown>;
  const endpoints = (handle: BridgeHandle) =>
    expect.poll(async () => (await stats(handle)).local_endpoints, { timeout: PATIENCE });
  const post = (url: string, body?: unknown) =>
    fetch(url, { method: 'POST', ...(body !== undefined && { body: JSON.stringify(body) }) });

  it('say that they are fakes in every answer that a report could use', async () => {
    const one = await bridge('jvb1');
    expect(await stats(one)).toMatchObject({
      fake: true,
      version: expect.stringContaining('fake'),
    });
    expect(await shard.stats()).toMatchObject({
      fake: true,
      version: expect.stringContaining('fake'),
    });
    expect(await (await fetch(`${shard.focus}/about/version`)).json()).toMatchObject({
      version: expect.stringContaining('fake'),
    });
    expect(await (await fetch(`${one.rest}/metrics`)).text()).toContain('jitsi_jvb_fake 1');
  });

  it('count a meeting on its bridge until everybody has left', async () => {
    const one = await bridge('jvb1');
    const people = await meet();
    await endpoints(one).toBe(2);
    expect(await stats(one)).toMatchObject({ conferences: 1, stress_level: 0.02, mucs_joined: 1 });
    expect(await shard.stats()).toMatchObject({ conferences: 1, participants: 2 });
    await Promise.all(people.map((participant) => participant.leave()));
    await endpoints(one).toBe(0);
  });

  it('offer sessions only once there is a bridge', async () => {
    const health = () => fetch(`${shard.focus}/about/health`).then(({ status }) => status);
    expect(await health()).toBe(500);
    const probe = await probeMeeting(DOMAIN, {
      clock: systemClock,
      endpointOverride: shard.endpointOverride,
      timeout: 2_000,
    });
    expect(probe.steps.at(-1)).toMatchObject({
      name: 'call',
      ok: false,
      detail: expect.stringContaining('no bridge that works'),
    });
    const waiting = meet();
    await expect.poll(async () => (await shard.stats()).participants, { timeout: PATIENCE }).toBe(2);
    await bridge('jvb1');
    await waiting;
    expect(await health()).toBe(200);
  });

  it('move a meeting when its bridge fails', async () => {
    const all = [await bridge('jvb1'), await bridge('jvb2')];
    const people = await meet();
    const sessions = people.flatMap(({ invitations }) => [...invitations]);
    const loads = await Promise.all(all.map(stats));
    const [used, other] = loads[0]?.local_endpoints === 2 ? all : [...all].reverse();
    if (!used || !other) throw new Error('two bridges were started');
    used.process.kill('SIGKILL');
    await endpoints(other).toBe(2);
    await expect
      .poll(() => people.flatMap(({ invitations }) => [...invitations]), { timeout: PATIENCE })
      .not.toEqual(expect.arrayContaining(sessions));
    await Promise.all(people.map((participant) => participant.invitation(PATIENCE)));
    await shard.bridges(1);
  });

  it('do not wait for the answer of a bridge that has left', async () => {
    const dying = await bridge('jvb1');
    // It does not answer the focus's request for endpoints: the focus would wait for 15 s.
    dying.process.kill('SIGSTOP');
    const meeting = meet();
    await expect.poll(async () => (await shard.stats()).participants, { timeout: PATIENCE }).toBe(2);
    const other = await bridge('jvb2');
    dying.process.kill('SIGKILL');
    await expect.poll(async () => (await stats(other)).local_endpoints, { timeout: 10_000 }).toBe(2);
    await meeting;
  });

  it('handle errors that arrive before the request counts as written', async () => {
    const stop = new AbortController();
    const { hostname = '', port, domain = '', username = '', password = '' } = shard.shard('jvb1');
    const login = { hostname, port: Number(port), domain, username, password };
    trustAnyCertificate();
    const refusals = await new Promise<PromiseSettledResult<Element>[]>((resolve, reject) => {
      const online = async ({ iqCaller }: XmppClient) => {
        const all: PromiseSettledResult<Element>[] = [];
        for (let round = 0; round < 200; round++) {
          // From a timer, so that answers may be read before the callback of the write.
          await new Promise((done) => setTimeout(done, 1));
          const ask = () =>
            iqCaller.request(
              xml('iq', { type: 'get', to: `${BREWERY}/nobody` }, xml('query', { xmlns: 'x' })),
            );
          all.push(...(await Promise.allSettled([ask(), ask(), ask(), ask()])));
        }
        resolve(all);
      };
      const events = { online: (xmpp: XmppClient) => void online(xmpp), stanza: () => {}, offline: reject };
      void stayLoggedIn(login, events, stop.signal);
    });
    stop.abort();
    expect(new Set(refusals.map(({ status }) => status))).toEqual(new Set(['rejected']));
  });

  it('can be warmed up by an agent, and have no meeting after that', async () => {
    const fresh = await bridge('jvb1');
    await warmUp(async (request) => {
      const answer = await post(`${fresh.rest}/colibri/v2/conferences`, request);
      expect(answer.status).toBe(200);
      return answer.json();
    });
    expect(await stats(fresh)).toMatchObject({ conferences: 0, local_endpoints: 0 });
  });

  it('keep new meetings off a draining bridge, and empty it on request', async () => {
    const draining = await bridge('jvb1');
    await meet();
    const fresh = await bridge('jvb2');
    expect((await post(`${draining.rest}/colibri/drain/enable`)).status).toBe(200);
    expect(await (await fetch(`${draining.rest}/colibri/drain`)).json()).toEqual({ drain: true });
    // The focus receives it with the bridge's next presence.
    await expect.poll(async () => (await stats(draining)).drain).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 500));
    await meet();
    await endpoints(fresh).toBe(2);
    await endpoints(draining).toBe(2);
    const moved = await fetch(`${shard.focus}/move-endpoints/move-fraction?bridge=jvb1&fraction=1`);
    expect(await moved.json()).toEqual({ movedEndpoints: 2, conferences: 1 });
    await endpoints(draining).toBe(0);
    await endpoints(fresh).toBe(4);
    expect((await fetch(`${shard.focus}/move-endpoints/move-fraction?bridge=nobody&fraction=1`)).status).toBe(
      404,
    );
  });

  it('end a gracefully stopped bridge only once it is empty', async () => {
    const closing = await bridge('jvb1');
    const people = await meet();
    await endpoints(closing).toBe(2);
    expect((await post(`${closing.rest}/colibri/shutdown`, { 'graceful-shutdown': 'true' })).status).toBe(
      200,
    );
    expect(await stats(closing)).toMatchObject({ graceful_shutdown: true, local_endpoints: 2 });
    await Promise.all(people.map((participant) => participant.leave()));
    expect(await closing.ended).toBe(143);
  });

  it('serve shards that are added at run time', async () => {
    const idle = await bridge('jvb1', { shards: false });
    expect(await (await fetch(`${idle.rest}/colibri/muc-client/list`)).json()).toEqual([]);
    expect((await post(`${idle.rest}/colibri/muc-client/add`, { id: 'a' })).status).toBe(400);
    expect(
      (await post(`${idle.rest}/colibri/muc-client/add`, { id: 'a', ...shard.shard('jvb1') })).status,
    ).toBe(200);
    await shard.bridges(1);
    expect(await (await fetch(`${idle.rest}/colibri/muc-client/list`)).json()).toEqual(['a']);
    expect((await post(`${idle.rest}/colibri/muc-client/remove`, { id: 'a' })).status).toBe(200);
    await shard.bridges(0);
    expect((await post(`${idle.rest}/colibri/muc-client/remove`, { id: 'a' })).status).toBe(400);
  });

  it('do not let guests discover the bridges', async () => {
    await bridge('jvb1');
    const [room = '', muc = ''] = BREWERY.split('@');
    const guest = new Participant({
      domain: DOMAIN,
      room,
      muc,
      websocket: `wss://${DOMAIN}/xmpp-websocket`,
      endpointOverride: shard.endpointOverride,
    });
    participants.push(guest);
    await guest.connect(PATIENCE);
    await expect(guest.join(PATIENCE)).rejects.toThrow('forbidden');
  });

  it('expire the conferences of a focus that does not return', async () => {
    const one = await bridge('jvb1', { settings: 'entity-expiration.timeout = 1 second' });
    await meet();
    await endpoints(one).toBe(2);
    await shard.restartProsody();
    await endpoints(one).toBe(0);
    await shard.bridges(1);
  });

  it('reconnect after a restart of Prosody', async () => {
    await bridge('jvb1');
    await shard.restartProsody();
    await shard.bridges(1);
    await meet();
  });
});
