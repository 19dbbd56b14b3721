import waitFor from 'p-wait-for';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EDGE_HEALTH_PATH } from '../../../src/contract/machine-layout.js';
import { ask, People } from './people.js';
import {
  hasLearned,
  killShard,
  knows,
  memoryOf,
  restartEdge,
  type Shard,
  type ShardMember,
  type Shards,
  serversOf,
  shards,
  startShard,
  takesRooms,
  tell,
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
  await seen([a, b], { [A.instanceId]: 'UP', [B.instanceId]: 'UP' });
  await eventually(async () => (await hasLearned(a)) && (await hasLearned(b)));
});
afterAll(() => world?.stop());

const eventually = (condition: () => boolean | Promise<boolean>): Promise<void> =>
  waitFor(condition, { interval: 50 });

/** Until these edges think so of the shards. */
const seen = (edges: readonly Shard[], expected: Record<string, string>): Promise<void> =>
  eventually(async () => {
    const all = await Promise.all(edges.map(serversOf));
    return all.every((servers) =>
      Object.entries(expected).every(([name, status]) => servers.get(name)?.startsWith(status)),
    );
  });

/** Until the edges remember the same. */
const agreed = (): Promise<void> => eventually(async () => `${await memoryOf(a)}` === `${await memoryOf(b)}`);

const shardOf = async (edge: Shard, path: string): Promise<string> => (await ask(edge, path)).shard;
const names = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, n) => `${prefix}${n}`);

describe('a room is one and the same', () => {
  it.each([
    ['in letters of any size', ['?room=Weekly', '?room=WEEKLY', '?room=weekly']],
    ['as percent signs and digits', ['?room=weekly', '?room=%57eekly', '?room=%77%65%65%6b%6C%79']],
    ['beyond ASCII', ['?room=caf%C3%A9', '?room=caf%c3%a9', '?room=CAF%C3%A9']],
    ['with a space', ['?room=my+room', '?room=my%20room', '?room=My%20Room', '?room=my%2520room']],
    ['with a percent sign', ['?room=100%25', '?room=100%25&x=1', '?room=100%2525']],
    ['encoded twice by a client', ['?room=caf%C3%A9', '?room=caf%25c3%25a9', '?room=caf%25C3%25A9']],
    ['among other parameters', ['?room=x', '?token=1&room=x&previd=2']],
    ['longer than any', [`?room=${'x'.repeat(600)}y`, `?room=${'X'.repeat(600)}Y`]],
  ])('however it is written (%s)', async (_, queries) => {
    const paths = ['config.js', 'http-bind', 'xmpp-websocket', 'conference-request/v1'].flatMap((path) =>
      queries.map((query) => `/${path}${query}`),
    );
    // In many tenants, so that it is no accident.
    for (const tenant of ['', ...names('/Team', 12)]) {
      const shards = new Set<string>();
      for (const path of paths) for (const edge of [a, b]) shards.add(await shardOf(edge, tenant + path));
      expect([...shards], tenant).toEqual([expect.stringMatching(/^[ab]$/)]);
    }
  });

  it('in a tenant however that is written, and another one in another tenant', async () => {
    const found = new Set<string>();
    for (const tenant of names('team.', 12)) {
      const spelled = [tenant, tenant.toUpperCase(), tenant.replace('.', '_'), tenant.replace('t', '%74')];
      const shards = new Set<string>();
      for (const as of spelled) shards.add(await shardOf(a, `/${as}/http-bind?room=x`));
      expect(shards.size, tenant).toBe(1);
      for (const shard of shards) found.add(shard);
    }
    expect([...found].sort()).toEqual(['a', 'b']);
  });

  it("which hears the participant's address through any shard's edge", async () => {
    for (const room of names('address', 8)) {
      for (const edge of [a, b]) {
        const { body } = await ask(edge, `/http-bind?room=${room}`, '203.0.113.66, 198.51.100.9');
        expect(JSON.parse(body)).toMatchObject({ client: '198.51.100.9' });
      }
    }
  });
});

describe('who names no room', () => {
  /** Where people with these addresses are led. Nothing of it is remembered: it is the hash alone. */
  const places = (edge: Shard) =>
    Promise.all(
      Array.from({ length: 60 }, async (_, n) => (await ask(edge, '/http-bind', `198.51.100.${n}`)).shard),
    );

  it('stays where they were, through any edge, whichever machines come and go', async () => {
    const before = await places(a);
    expect(new Set(before)).toEqual(new Set(['a', 'b']));
    expect(await places(b)).toEqual(before);
    // A shard whose machine does not answer, and another machine in the place of one.
    await tell(a, [B, C]);
    await seen([a], { [A.instanceId]: 'UP', [B.instanceId]: 'UP', [C.instanceId]: 'DOWN' });
    expect(await places(a)).toEqual(before);
    await tell(a, [{ ...B, instanceId: 'i-0bb' }]);
    expect(await places(a)).toEqual(before);
    await tell(a, [B]);
    expect(await places(a)).toEqual(before);
  });
});

describe('200 rooms with people in them', () => {
  const people = new People(names('Room', 200));
  afterAll(() => people.leave());

  it('are spread over both shards, and whole', async () => {
    await people.joinAll(a);
    await people.joinAll(b);
    expect(people.split()).toEqual([]);
    for (const shard of ['a', 'b']) expect(people.on(shard).length).toBeGreaterThan(60);
  });

  it('lose nobody and nothing when an edge is reloaded', async () => {
    const before = people.on('b');
    const others = keepAsking(people.on('a'));
    await tell(a, [B, C]);
    expect(await others.stop()).toEqual([]);
    for (const room of people.rooms) {
      for (const member of people.in(room)) expect(await member.echoes()).toBe(true);
    }
    await people.joinAll(a);
    expect(people.split()).toEqual([]);
    expect(people.on('b')).toEqual(before);
    await tell(a, [B]);
    await seen([a, b], { [A.instanceId]: 'UP', [B.instanceId]: 'UP' });
  });

  it('gather on the other shard when theirs dies, and nobody else notices', async () => {
    const untouched = people.on('a');
    const others = keepAsking(untouched);
    await takesRooms(b, false);
    await killShard(b);
    await eventually(async () => {
      const all = (await people.comeBack(a)) && (await people.comeBack(b));
      return all && people.on('b').length === 0;
    });
    expect(await others.stop()).toEqual([]);
    expect(people.on('a')).toEqual(people.rooms);
    for (const room of untouched) {
      for (const member of people.in(room)) expect(await member.echoes()).toBe(true);
    }
  });

  it('stay there when it returns, and new ones go there too while its agent lets none in', async () => {
    await startShard(b);
    let back = false;
    const returned = seen([a, b], { [B.instanceId]: 'DRAIN' }).then(() => {
      back = true;
    });
    for (let n = 0; !back; n++) {
      const paths = [`/http-bind?room=${people.rooms[n % 200]}`, `/http-bind?room=new${n}`];
      for (const path of paths) for (const edge of [a, b]) expect(await shardOf(edge, path)).toBe('a');
    }
    await returned;
    await takesRooms(b, true);
    await people.joinAll(b);
    await people.joinAll(a);
    expect(people.split()).toEqual([]);
    expect(people.on('a')).toEqual(people.rooms);
  });

  it('stay there when an edge is restarted, which gets no requests until it knows where they are', async () => {
    await knows(b, false);
    await restartEdge(b);
    // While it starts, it may accept a connection or not.
    const takesRequests = () =>
      ask(b, EDGE_HEALTH_PATH).then(
        ({ status }) => status === 200,
        () => false,
      );
    await eventually(async () => !(await takesRequests()));
    await eventually(() => hasLearned(b));
    await knows(b, true);
    await eventually(takesRequests);
    await eventually(() => people.comeBack(b));
    await people.joinAll(b);
    expect(people.split()).toEqual([]);
    expect(people.on('a')).toEqual(people.rooms);
  });

  it('leave new rooms to the shard that came back', async () => {
    await seen([a, b], { [A.instanceId]: 'UP', [B.instanceId]: 'UP' });
    const later = new People(names('later', 40));
    await later.joinAll(b);
    await later.joinAll(a);
    expect(later.split()).toEqual([]);
    expect(later.on('b').length).toBeGreaterThan(5);
    later.leave();
  });
});

/** Somebody who asks for these rooms, all on shard a, again and again through both edges. */
function keepAsking(rooms: readonly string[]): { stop(): Promise<string[]> } {
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

describe('two who come to a new room at the same time, through different edges', () => {
  /** Until the edges do not hold anybody up any more who comes to a new room. */
  const settled = () =>
    eventually(async () => {
      const held = new Promise<'held'>((resolve) => setTimeout(resolve, 1_000, 'held'));
      const all = Promise.all([a, b].map((edge) => ask(edge, `/http-bind?room=calm${calm++}`)));
      return (await Promise.race([all, held])) !== 'held';
    });
  let calm = 0;

  /** What becomes of those who come while a shard changes, and until the edges know it. */
  const meanwhile = async (name: string, change: () => Promise<void>, status: string) => {
    await settled();
    const pairs = keepComing(name);
    await change();
    await seen([a, b], { [B.instanceId]: status });
    return pairs.stop();
  };

  it('meet, whatever one edge has heard already of a shard’s agent and the other has not', async () => {
    for (const n of [1, 2]) {
      expect(await meanwhile(`drains${n}-`, () => takesRooms(b, false), 'DRAIN')).toEqual([]);
      expect(await meanwhile(`opens${n}-`, () => takesRooms(b, true), 'UP')).toEqual([]);
    }
  });

  it('meet while a shard returns', async () => {
    await killShard(b);
    await seen([a, b], { [B.instanceId]: 'DOWN' });
    expect(await meanwhile('returns-', () => startShard(b), 'UP')).toEqual([]);
  });
});

/** Again and again two who come to a room that nobody was in before, one through each edge. Tells of those who did not meet. */
function keepComing(prefix: string): { stop(): Promise<string[]> } {
  const rooms: Promise<string[]>[] = [];
  const timer = setInterval(() => {
    const room = `${prefix}${rooms.length}`;
    const both = [a, b].map((edge) => shardOf(edge, `/http-bind?room=${room}`));
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
  it('has its old rooms on the old machine, and its new ones on the new', async () => {
    const machineOf = async (edge: Shard, room: string): Promise<string> =>
      JSON.parse((await ask(edge, `/http-bind?room=${room}`)).body).machine;
    const old = names('old', 30);
    const before = await Promise.all(old.map((room) => machineOf(a, room)));
    expect(new Set(before)).toEqual(new Set([A.instanceId, B.instanceId]));

    const younger = await world.start(YOUNGER_B, [A, B]);
    await tell(a, [B, YOUNGER_B]);
    await tell(b, [A, YOUNGER_B]);
    const all = { [A.instanceId]: 'UP', [B.instanceId]: 'UP', [YOUNGER_B.instanceId]: 'UP' };
    await seen([a, b, younger], all);
    for (const edge of [a, b, younger]) {
      expect(await Promise.all(old.map((room) => machineOf(edge, room)))).toEqual(before);
    }
    const now = await Promise.all(names('young', 30).map((room) => machineOf(b, room)));
    expect(new Set(now)).toEqual(new Set([A.instanceId, YOUNGER_B.instanceId]));

    await tell(a, [B]);
    await tell(b, [A]);
  });
});

describe('a machine that loses power', () => {
  const people = new People(names('dark', 40));
  afterAll(() => people.leave());

  it('loses its rooms to the other shard, though it does not say goodbye', async () => {
    await seen([a, b], { [A.instanceId]: 'UP', [B.instanceId]: 'UP' });
    await people.joinAll(a);
    expect(people.on('b').length).toBeGreaterThan(5);
    await takesRooms(b, false);
    await world.plug(b, false);
    await eventually(async () => people.on('b').length === 0 && (await people.comeBack(a)));
    expect(people.on('a')).toEqual(people.rooms);
  });

  it('does not get them back, not even through its own edge', async () => {
    await world.plug(b, true);
    await seen([a, b], { [A.instanceId]: 'UP', [B.instanceId]: 'DRAIN' });
    await agreed();
    await takesRooms(b, true);
    await seen([a, b], { [B.instanceId]: 'UP' });
    await people.joinAll(b);
    expect(people.split()).toEqual([]);
    expect(people.on('a')).toEqual(people.rooms);
  });
});
