import { randomBytes } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/cloud/clock.js';
import type { ParticipantEvent } from '../../../src/operations/drill/events.js';
import { isUsable, unusable, type WatchedRoom } from '../../../src/operations/drill/room-states.js';
import { SimulatedClient } from '../../../src/operations/drill/simulated-client.js';
import { type BridgeHandle, DOMAIN, PROSODY, Shard } from './shard.js';

const PATIENCE = 30_000;
const ALIVE = new Set<string>();

describe.skipIf(!PROSODY)('a simulated client (needs Prosody: apt-get install prosody)', () => {
  let shard: Shard;
  let bridges: BridgeHandle[];
  let events: ParticipantEvent[];
  let watchers: SimulatedClient[];
  let room: WatchedRoom;

  beforeAll(async () => {
    shard = await Shard.start();
    bridges = [await shard.startBridge('jvb1'), await shard.startBridge('jvb2')];
    await shard.bridges(2);
  }, 60_000);
  afterAll(() => shard?.stop(), 30_000);
  beforeEach(async () => {
    events = [];
    const members = ['anna', 'ben'];
    room = { name: `room-${randomBytes(4).toString('hex')}`, members };
    watchers = members.map(
      (who) =>
        new SimulatedClient({
          domain: DOMAIN,
          room: room.name,
          who,
          clock: systemClock,
          endpointOverride: shard.endpointOverride,
          random: () => 0,
          notice: (event) => events.push(event),
        }),
    );
    for (const watcher of watchers) watcher.start();
    await together();
  }, 60_000);
  afterEach(async () => {
    shard.front.instead.clear();
    shard.front.moveTo('a');
    await Promise.all(watchers.map((watcher) => watcher.leave()));
  });

  const together = () => expect.poll(() => isUsable(room, events, ALIVE), { timeout: PATIENCE }).toBe(true);
  /** Members notice and return one by one, so a room can be usable for a moment in between. */
  const interruptionAfter = (broken: number) =>
    expect
      .poll(
        () => {
          const seen = { broken, participants: events, requests: [], machines: [], drill: [] };
          return unusable(room, seen, ALIVE).map(({ to }) => to !== undefined);
        },
        { timeout: PATIENCE },
      )
      .toSatisfy((over: boolean[]) => over.length > 0 && over.every(Boolean));

  it('joins the room, and gets an endpoint on a bridge with its addresses', () => {
    expect(watchers.every(({ usesFakes }) => usesFakes)).toBe(true);
    expect(events).toContainEqual(expect.objectContaining({ who: 'anna', kind: 'joined', shard: 'a' }));
    expect(events.find(({ kind }) => kind === 'offered')).toMatchObject({ addresses: [expect.any(String)] });
  });

  it('rejoins the same room after its connection broke', async () => {
    const broken = Date.now();
    shard.front.cut();
    await interruptionAfter(broken);
    expect(events.filter(({ kind }) => kind === 'lost')).toHaveLength(2);
  }, 60_000);

  it('stays connected while its own process stands still', async () => {
    for (let i = 0; i < 3; i++) {
      const end = Date.now() + 3_500;
      while (Date.now() < end);
      // Long enough for timers, and too short for answers by way of Prosody.
      await setImmediate();
    }
    await systemClock.wait(2_000);
    expect(events.filter(({ kind }) => kind === 'lost')).toEqual([]);
  }, 60_000);

  it('follows its room to another shard', async () => {
    shard.front.moveTo('b');
    await expect
      .poll(() => events.filter((event) => event.kind === 'joined' && event.shard === 'b').length, {
        timeout: PATIENCE,
      })
      .toBe(2);
    await together();
  }, 60_000);

  it('retries while it is refused, and reports it', async () => {
    for (const path of ['/config.js', '/xmpp-websocket']) shard.front.instead.set(path, 503);
    shard.front.cut();
    await expect
      .poll(() => events.filter(({ kind }) => kind === 'refused').length, { timeout: PATIENCE })
      .toBeGreaterThan(0);
    shard.front.instead.clear();
    await together();
  }, 120_000);

  it('stays connected, and gets an endpoint on the other bridge, when its bridge fails', async () => {
    const loads = await Promise.all(
      bridges.map(
        async ({ rest }) =>
          (await (await fetch(`${rest}/colibri/stats`)).json()) as { local_endpoints: number },
      ),
    );
    const broken = Date.now();
    bridges[loads.findIndex(({ local_endpoints }) => local_endpoints > 0)]?.process.kill('SIGKILL');
    await interruptionAfter(broken);
    expect(events.filter(({ kind }) => kind === 'lost')).toEqual([]);
  }, 60_000);

  it('rejoins when Prosody has lost the room', async () => {
    await shard.restartProsody();
    await expect.poll(() => events.some(({ kind }) => kind === 'lost'), { timeout: PATIENCE }).toBe(true);
    await shard.bridges(1);
    await together();
  }, 120_000);
});
