import waitFor from 'p-wait-for';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EDGE_HEALTH_PATH } from '../../../src/contract/machine-layout.js';
import { ask, Participants } from './participants.js';
import {
  isSynced,
  killShard,
  reloadEdge,
  restartEdge,
  type Shard,
  type ShardMember,
  type Shards,
  serversOf,
  setAcceptsRooms,
  setSynced,
  shards,
  startShard,
  stickTableOf,
} from './shards.js';

const at = (shard: string, host: number, launched = 0): ShardMember => ({
  role: 'shard',
  shard,
  instanceId: `i-0${shard}${host}`,
  privateAddress: `10.20.0.${host}`,
  zone: 'eu-central-1a',
  launched,
});
const A = at('a', 11);
const B = at('b', 12);
const YOUNGER_B = at('b', 13, 60_000);
const C = at('c', 14);

let world: Shards;
let a: Shard;
let b: Shard;
beforeAll(async () => {
  world = await shards();
  a = await world.start(A, [B]);
  b = await world.start(B, [A]);
  await serversAre([a, b], { [A.instanceId]: 'UP', [B.instanceId]: 'UP' });
  await eventually(async () => (await isSynced(a)) && (await isSynced(b)));
});
afterAll(() => world?.stop());

const eventually = (condition: () => boolean | Promise<boolean>): Promise<void> =>
  waitFor(condition, { interval: 50 });

/** Waits until these edges have the expected status of each shard. */
const serversAre = (edges: readonly Shard[], expected: Record<string, string>): Promise<void> =>
  eventually(async () => {
    const all = await Promise.all(edges.map(serversOf));
    return all.every((servers) =>
      Object.entries(expected).every(([name, status]) => servers.get(name)?.startsWith(status)),
    );
  });

/** Waits until both edges have the same stick table. */
const tablesMatch = (): Promise<void> =>
  eventually(async () => `${await stickTableOf(a)}` === `${await stickTableOf(b)}`);

const shardOf = async (edge: Shard, path: string, client?: string): Promise<string> =>
  (await ask(edge, path, client)).shard;
/** Of one of many participants, because new rooms of one address are limited. */
const addressOf = (n: number): string => `198.51.${n % 100}.${1 + (n % 200)}`;
const names = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, n) => `${prefix}${n}`);

describe('requests for a room go to the same shard', () => {
  it.each([
    ['in letters of any size', ['?room=Weekly', '?room=WEEKLY', '?room=weekly']],
    ['as percent signs and digits', ['?room=weekly', '?room=%57eekly', '?room=%77%65%65%6b%6C%79']],
    ['beyond ASCII', ['?room=caf%C3%A9', '?room=caf%c3%a9', '?room=CAF%C3%A9']],
    ['with a space', ['?room=my+room', '?room=my%20room', '?room=My%20Room', '?room=my%2520room']],
    ['with a percent sign', ['?room=100%25', '?room=100%25&x=1', '?room=100%2525']],
    ['encoded twice by a client', ['?room=caf%C3%A9', '?room=caf%25c3%25a9', '?room=caf%25C3%25A9']],
    ['among other parameters', ['?room=x', '?token=1&room=x&previd=2']],
    ['longer than any', [`?room=${'x'.repeat(600)}y`, `?room=${'X'.repeat(600)}Y`]],
  ])('with any spelling of its name (%s)', async (_, queries) => {
    const paths = ['config.js', 'http-bind', 'xmpp-websocket', 'conference-request/v1'].flatMap((path) =>
      queries.map((query) => `/${path}${query}`),
    );
    // In many tenants, because a single room could be on the same shard by chance.
    for (const tenant of ['', ...names('/Team', 12)]) {
      const shards = new Set<string>();
      for (const path of paths) for (const edge of [a, b]) shards.add(await shardOf(edge, tenant + path));
      expect([...shards], tenant).toEqual([expect.stringMatching(/^[ab]$/)]);
    }
  });

  it('if a guest asks whether the meeting has started', async () => {
    for (const room of names('r%C3%A4t', 12)) {
      const shards = new Set<string>();
      for (const edge of [a, b])
        for (const path of ['config.js', 'convoke/guest'])
          shards.add(await shardOf(edge, `/${path}?room=${room}`));
      expect([...shards], room).toEqual([expect.stringMatching(/^[ab]$/)]);
    }
  });

  it('with any spelling of its tenant, and rooms of different tenants are independent', async () => {
    const found = new Set<string>();
    for (const tenant of names('team.', 12)) {
      const spellings = [tenant, tenant.toUpperCase(), tenant.replace('.', '_'), tenant.replace('t', '%74')];
      const shards = new Set<string>();
      for (const spelling of spellings) shards.add(await shardOf(a, `/${spelling}/http-bind?room=x`));
      expect(shards.size, tenant).toBe(1);
      for (const shard of shards) found.add(shard);
    }
    expect([...found].sort()).toEqual(['a', 'b']);
  });

  it("with the participant's address, through any shard's edge", async () => {
    for (const room of names('address', 8)) {
      for (const edge of [a, b]) {
        const { body } = await ask(edge, `/http-bind?room=${room}`, '203.0.113.66, 198.51.100.9');
        expect(JSON.parse(body)).toMatchObject({ client: '198.51.100.9' });
      }
    }
  });
});

it('names of rooms that nobody uses cannot drop other rooms from the stick table', async () => {
  const flood = names('flood', 700);
  const before = await stickTableOf(a);
  for (let n = 0; n < flood.length; n += 50) {
    const requests = flood.slice(n, n + 50).map((room) => ask(a, `/http-bind?room=${room}`, '203.0.113.66'));
    for (const { status } of await Promise.all(requests)) expect(status).toBe(200);
  }
  const stored = (await stickTableOf(a)).length - before.length;
  expect(stored).toBeGreaterThan(100);
  expect(stored).toBeLessThanOrEqual(600);
  // Others' new rooms are stored meanwhile.
  await ask(a, '/http-bind?room=after-flood', '203.0.113.67');
  expect((await stickTableOf(a)).length - before.length).toBe(stored + 1);
});

describe('a client that requests no room', () => {
  /** The shards that serve these addresses. They depend on the hash only; edges store nothing about them. */
  const places = (edge: Shard) =>
    Promise.all(
      Array.from({ length: 60 }, async (_, n) => (await ask(edge, '/http-bind', `198.51.100.${n}`)).shard),
    );

  it('stays on its shard, through any edge, when machines are added or removed', async () => {
    const before = await places(a);
    expect(new Set(before)).toEqual(new Set(['a', 'b']));
    expect(await places(b)).toEqual(before);
    // First a shard whose machine does not answer, then a machine that replaces another.
    await reloadEdge(a, [B, C]);
    await serversAre([a], { [A.instanceId]: 'UP', [B.instanceId]: 'UP', [C.instanceId]: 'DOWN' });
    expect(await places(a)).toEqual(before);
    await reloadEdge(a, [{ ...B, instanceId: 'i-0bb' }]);
    expect(await places(a)).toEqual(before);
    await reloadEdge(a, [B]);
    expect(await places(a)).toEqual(before);
  });
});

describe('200 rooms with participants', () => {
  const participants = new Participants(names('Room', 200));
  afterAll(() => participants.leave());

  it('are distributed over both shards, each room on one', async () => {
    await participants.joinAll(a);
    await participants.joinAll(b);
    expect(participants.split()).toEqual([]);
    for (const shard of ['a', 'b']) expect(participants.on(shard).length).toBeGreaterThan(60);
  });

  it('lose no participant and no message when an edge is reloaded', async () => {
    const before = participants.on('b');
    const others = sendRequests(participants.on('a'));
    await reloadEdge(a, [B, C]);
    expect(await others.stop()).toEqual([]);
    for (const room of participants.rooms) {
      for (const member of participants.in(room)) expect(await member.echoes()).toBe(true);
    }
    await participants.joinAll(a);
    expect(participants.split()).toEqual([]);
    expect(participants.on('b')).toEqual(before);
    await reloadEdge(a, [B]);
    await serversAre([a, b], { [A.instanceId]: 'UP', [B.instanceId]: 'UP' });
  });

  it('move to the other shard when theirs fails, without effect on other participants', async () => {
    const untouched = participants.on('a');
    const others = sendRequests(untouched);
    await setAcceptsRooms(b, false);
    await killShard(b);
    await eventually(async () => {
      const all = (await participants.reconnect(a)) && (await participants.reconnect(b));
      return all && participants.on('b').length === 0;
    });
    expect(await others.stop()).toEqual([]);
    expect(participants.on('a')).toEqual(participants.rooms);
    for (const room of untouched) {
      for (const member of participants.in(room)) expect(await member.echoes()).toBe(true);
    }
  });

  it('stay there when it recovers, as do new rooms while its agent reports drain', async () => {
    await startShard(b);
    let back = false;
    const returned = serversAre([a, b], { [B.instanceId]: 'DRAIN' }).then(() => {
      back = true;
    });
    for (let n = 0; !back; n++) {
      const paths = [`/http-bind?room=${participants.rooms[n % 200]}`, `/http-bind?room=new${n}`];
      for (const path of paths) for (const edge of [a, b]) expect(await shardOf(edge, path)).toBe('a');
    }
    await returned;
    await setAcceptsRooms(b, true);
    await participants.joinAll(b);
    await participants.joinAll(a);
    expect(participants.split()).toEqual([]);
    expect(participants.on('a')).toEqual(participants.rooms);
  });

  it('stay there when an edge is restarted, which gets no requests until its stick table is synced', async () => {
    await setSynced(b, false);
    await restartEdge(b);
    // During its start it may refuse connections.
    const acceptsRequests = () =>
      ask(b, EDGE_HEALTH_PATH).then(
        ({ status }) => status === 200,
        () => false,
      );
    await eventually(async () => !(await acceptsRequests()));
    await eventually(() => isSynced(b));
    await setSynced(b, true);
    await eventually(acceptsRequests);
    await eventually(() => participants.reconnect(b));
    await participants.joinAll(b);
    expect(participants.split()).toEqual([]);
    expect(participants.on('a')).toEqual(participants.rooms);
  });

  it('do not keep new rooms off the recovered shard', async () => {
    await serversAre([a, b], { [A.instanceId]: 'UP', [B.instanceId]: 'UP' });
    const later = new Participants(names('later', 40));
    await later.joinAll(b);
    await later.joinAll(a);
    expect(later.split()).toEqual([]);
    expect(later.on('b').length).toBeGreaterThan(5);
    later.leave();
  });
});

/** Requests these rooms, all on shard a, repeatedly through both edges. `stop` returns the failures. */
function sendRequests(rooms: readonly string[]): { stop(): Promise<string[]> } {
  let stopped = false;
  const failures: string[] = [];
  const done = (async () => {
    for (let n = 0; !stopped; n++) {
      const room = rooms[n % rooms.length];
      const { status, shard } = await ask(n % 2 ? a : b, `/config.js?room=${room}`);
      if (status !== 200 || shard !== 'a') failures.push(`${room}: ${status} from ${shard}`);
    }
  })();
  return {
    async stop() {
      stopped = true;
      await done;
      return failures;
    },
  };
}

describe('two participants who join a new room at the same time, through different edges', () => {
  /** Waits until the edges no longer delay requests for new rooms. */
  const settled = () =>
    eventually(async () => {
      const delayed = new Promise<'delayed'>((resolve) => setTimeout(resolve, 1_000, 'delayed'));
      const all = Promise.all([a, b].map((edge) => ask(edge, `/http-bind?room=calm${calm++}`)));
      return (await Promise.race([all, delayed])) !== 'delayed';
    });
  let calm = 0;

  /** The pairs that were split while a shard changed, until all edges had its new status. */
  const splitPairsDuring = async (name: string, change: () => Promise<void>, status: string) => {
    await settled();
    const pairs = joinInPairs(name);
    await change();
    await serversAre([a, b], { [B.instanceId]: status });
    return pairs.stop();
  };

  it('meet even if only one edge has received the state of a shard’s agent', async () => {
    for (const n of [1, 2]) {
      expect(await splitPairsDuring(`drains${n}-`, () => setAcceptsRooms(b, false), 'DRAIN')).toEqual([]);
      expect(await splitPairsDuring(`opens${n}-`, () => setAcceptsRooms(b, true), 'UP')).toEqual([]);
    }
  });

  it('meet while a shard recovers', async () => {
    await killShard(b);
    await serversAre([a, b], { [B.instanceId]: 'DOWN' });
    expect(await splitPairsDuring('returns-', () => startShard(b), 'UP')).toEqual([]);
  });
});

/** Repeatedly joins new rooms through both edges at once. `stop` returns the pairs that were split. */
function joinInPairs(prefix: string): { stop(): Promise<string[]> } {
  const rooms: Promise<string[]>[] = [];
  const timer = setInterval(() => {
    const room = `${prefix}${rooms.length}`;
    const both = [a, b].map((edge) => shardOf(edge, `/http-bind?room=${room}`, addressOf(rooms.length)));
    rooms.push(
      Promise.all(both).then(([one, other]) => (one === other ? [] : [`${room}: ${one}, ${other}`])),
    );
  }, 5);
  return {
    async stop() {
      clearInterval(timer);
      return (await Promise.all(rooms)).flat();
    },
  };
}

describe('a shard whose machine is being replaced', () => {
  it('keeps existing rooms on the old machine, and has new rooms on the new one', async () => {
    const machineOf = async (edge: Shard, room: string): Promise<string> =>
      JSON.parse((await ask(edge, `/http-bind?room=${room}`)).body).machine;
    const old = names('old', 30);
    const before = await Promise.all(old.map((room) => machineOf(a, room)));
    expect(new Set(before)).toEqual(new Set([A.instanceId, B.instanceId]));

    const younger = await world.start(YOUNGER_B, [A, B]);
    await reloadEdge(a, [B, YOUNGER_B]);
    await reloadEdge(b, [A, YOUNGER_B]);
    const all = { [A.instanceId]: 'UP', [B.instanceId]: 'UP', [YOUNGER_B.instanceId]: 'UP' };
    await serversAre([a, b, younger], all);
    for (const edge of [a, b, younger]) {
      expect(await Promise.all(old.map((room) => machineOf(edge, room)))).toEqual(before);
    }
    const now = await Promise.all(names('young', 30).map((room) => machineOf(b, room)));
    expect(new Set(now)).toEqual(new Set([A.instanceId, YOUNGER_B.instanceId]));

    await reloadEdge(a, [B]);
    await reloadEdge(b, [A]);
  });
});

describe('a machine that loses power', () => {
  const participants = new Participants(names('dark', 40));
  afterAll(() => participants.leave());

  it('loses its rooms to the other shard, although its connections are not closed', async () => {
    await serversAre([a, b], { [A.instanceId]: 'UP', [B.instanceId]: 'UP' });
    await participants.joinAll(a);
    expect(participants.on('b').length).toBeGreaterThan(5);
    await setAcceptsRooms(b, false);
    await world.plug(b, false);
    await eventually(async () => participants.on('b').length === 0 && (await participants.reconnect(a)));
    expect(participants.on('a')).toEqual(participants.rooms);
  });

  it('does not get them back when it returns, not even through its own edge', async () => {
    await world.plug(b, true);
    await serversAre([a, b], { [A.instanceId]: 'UP', [B.instanceId]: 'DRAIN' });
    await tablesMatch();
    await setAcceptsRooms(b, true);
    await serversAre([a, b], { [B.instanceId]: 'UP' });
    await participants.joinAll(b);
    expect(participants.split()).toEqual([]);
    expect(participants.on('a')).toEqual(participants.rooms);
  });
});
