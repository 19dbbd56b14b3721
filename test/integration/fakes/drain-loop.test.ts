import { once } from 'node:events';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { bridgeDrainTarget, syncLogins } from '../../../src/node/agent/bridge/bridge.js';
import { jicofo } from '../../../src/node/agent/daemons/jicofo.js';
import { openColocated } from '../../../src/node/agent/daemons/open-warm.js';
import { type Videobridge, videobridge } from '../../../src/node/agent/daemons/videobridge.js';
import { type Drain, type DrainFacts, step } from '../../../src/node/agent/drain/drain.js';
import { requestMove, serveMoveRequests } from '../../../src/node/agent/drain/move-endpoints.js';
import { serveAgentCheck } from '../../../src/node/agent/health/agent-check.js';
import type { ShardState } from '../../../src/node/agent/health/shard-state.js';
import type { ClusterMember } from '../../../src/node/facts.js';
import type { Participant } from '../../../src/operations/probe/xmpp-participant.js';
import { meeting } from './meeting.js';
import { type BridgeHandle, PROSODY, Shard } from './shard.js';

const PATIENCE = 20_000;
const CALLED: DrainFacts['signals'] = { terminating: true, spotEnd: null, requested: false };

describe.skipIf(!PROSODY)('a bridge and its shard, with their agents', { timeout: 90_000 }, () => {
  let shard: Shard;
  const servers: { close(): unknown }[] = [];
  const bridges: BridgeHandle[] = [];
  const participants: Participant[] = [];
  beforeAll(async () => {
    shard = await Shard.start();
  }, 60_000);
  afterAll(() => shard?.stop(), 30_000);
  afterEach(async () => {
    for (const server of servers.splice(0)) server.close();
    await Promise.all(participants.splice(0).map((participant) => participant.leave()));
    for (const { process } of bridges) process.kill('SIGTERM');
    await Promise.all(bridges.splice(0).map(({ ended }) => ended));
    await shard.bridges(0);
  }, 30_000);

  /** Starts a bridge that is logged in at no shard, and returns its agent's client. */
  const start = async (id: string, settings = ''): Promise<Videobridge> => {
    const handle = await shard.startBridge(id, { shards: false, settings });
    bridges.push(handle);
    return videobridge(handle.rest);
  };
  const machine = { zone: 'eu-central-1a', launched: 0 };
  const shardAt = (instanceId: string): Extract<ClusterMember, { role: 'shard' }> => ({
    role: 'shard',
    shard: 'a',
    instanceId,
    privateAddress: '127.0.0.1',
    ...machine,
  });
  const bridgeAt = (instanceId: string, privateAddress = '127.0.0.1'): ClusterMember => ({
    role: 'bridge',
    instanceId,
    privateAddress,
    ...machine,
  });
  /** One round of the login loop. */
  const logIn = (bridge: Videobridge, id: string, known: readonly ClusterMember[] | undefined) =>
    syncLogins(bridge, async () => shard.shard(id), known);
  const people = async (bridge: Videobridge) => (await bridge.status())?.statistics?.participants;

  const meet = () => meeting(shard, participants, PATIENCE);

  /** Serves move requests as the shard's agent does, on a free port. */
  const answerBridges = async (known: readonly ClusterMember[]): Promise<number> => {
    const server: Server = await serveMoveRequests('127.0.0.1', () => known, jicofo(shard.focus), 0);
    servers.push(server);
    const address = server.address();
    return typeof address === 'object' && address ? address.port : 0;
  };

  it('logs in at the known shards, and again after a restart', async () => {
    const bridge = await start('i-0b1');
    await logIn(bridge, 'i-0b1', [shardAt('i-0c1')]);
    await shard.bridges(1);
    await logIn(bridge, 'i-0b1', [shardAt('i-0c1')]);
    expect(await bridge.logins()).toEqual(['shard-a-i-0c1']);
    await expect
      .poll(async () => (await bridge.status())?.statistics?.breweries, { timeout: PATIENCE })
      .toBe(1);

    await logIn(bridge, 'i-0b1', undefined);
    expect(await bridge.logins()).toEqual(['shard-a-i-0c1']);

    bridges[0]?.process.kill('SIGKILL');
    await bridges[0]?.ended;
    await logIn(bridge, 'i-0b1', [shardAt('i-0c1')]);
    const again = await start('i-0b1');
    await logIn(again, 'i-0b1', [shardAt('i-0c1')]);
    await shard.bridges(1);
  });

  it('follows a shard to its new machine', async () => {
    const bridge = await start('i-0b1');
    await logIn(bridge, 'i-0b1', [shardAt('i-0c1')]);
    await shard.bridges(1);
    await logIn(bridge, 'i-0b1', [shardAt('i-0c2')]);
    expect(await bridge.logins()).toEqual(['shard-a-i-0c2']);
    await shard.bridges(1);
  });

  it('drains: closes, waits for another bridge, has its participants moved there, and completes', async () => {
    const bridge = await start('i-0b1');
    await logIn(bridge, 'i-0b1', [shardAt('i-0c1')]);
    await shard.bridges(1);
    await meet();
    await expect.poll(() => people(bridge), { timeout: PATIENCE }).toBe(2);

    const port = await answerBridges([bridgeAt('i-0b1')]);
    const refused: string[] = [];
    const move = () =>
      requestMove(shardAt('i-0c1'), 'i-0b1', port).then(
        () => {},
        (error: Error) => void refused.push(error.message),
      );
    const target = bridgeDrainTarget(bridge, () => false, move);
    // The fake sends its presence every 200 ms.
    const rules = { ...target.rules, settleTime: 500 };
    let drain: Drain;
    let completed = false;
    const round = async () => {
      const facts = { signals: CALLED, ...(await target.facts(drain !== undefined)) };
      const next = step(drain, facts, rules, Date.now());
      drain = next.drain;
      for (const action of next.actions) {
        if (action === 'close') await target.setClosed(true);
        if (action === 'move') await target.move();
        completed ||= action === 'complete';
      }
    };
    const rounds = (until: () => boolean) =>
      expect.poll(() => round().then(until), { timeout: PATIENCE, interval: 100 }).toBe(true);

    const refusal = 'no other bridge accepts participants';
    await rounds(() => refused.includes(refusal));
    // Before that, Jicofo may not have received it.
    const later = refused.filter((why) => why !== 'Jicofo does not know yet that this bridge drains');
    expect(later).toEqual([refusal]);
    expect(await people(bridge)).toBe(2);
    expect(completed).toBe(false);

    const other = await start('i-0b2');
    await logIn(other, 'i-0b2', [shardAt('i-0c1')]);
    await shard.bridges(2);
    await rounds(() => completed);
    expect(await people(bridge)).toBe(0);
    expect(await people(other)).toBe(2);

    await meet();
    expect(await people(bridge)).toBe(0);
    await target.setClosed(false);
    expect((await bridge.status())?.statistics?.draining).toBe(false);
  });

  it('gets participants only after its warm-up if there is another bridge', async () => {
    const bridge = await start('i-0b1');
    const fresh = await start('i-0b2', 'initial-drain-mode = true');
    await logIn(bridge, 'i-0b1', [shardAt('i-0c1')]);
    await logIn(fresh, 'i-0b2', [shardAt('i-0c1')]);
    await shard.bridges(2);
    await meet();
    expect(await people(fresh)).toBe(0);

    const target = bridgeDrainTarget(
      fresh,
      () => false,
      async () => {},
    );
    const { actions } = step(
      undefined,
      { signals: { ...CALLED, terminating: false }, ...(await target.facts(false)) },
      target.rules,
      Date.now(),
    );
    expect(actions).toEqual(['open']);
    await target.setClosed(false);
    expect(await (await fetch(`${bridges[1]?.rest}/colibri/stats`)).json()).toMatchObject({
      drain: false,
      conferences: 0,
      total_conferences_completed: 8,
    });
    await bridge.drain(true);
    await expect.poll(() => meet().then(() => people(fresh)), { timeout: PATIENCE }).toBeGreaterThan(0);
  });

  it('is warmed up and opened after each start if it is co-located', async () => {
    const bridge = await start('i-0b1', 'initial-drain-mode = true');
    expect((await bridge.status())?.statistics?.draining).toBe(true);
    await openColocated(bridge);
    const stats = async () => (await fetch(`${bridges[0]?.rest}/colibri/stats`)).json();
    expect(await stats()).toMatchObject({ drain: false, total_conferences_completed: 8 });
    await openColocated(bridge);
    expect(await stats(), 'an open bridge is not warmed up again').toMatchObject({
      total_conferences_completed: 8,
    });
  });

  it('can have only its own participants moved', async () => {
    const port = await answerBridges([bridgeAt('i-0b1', '127.0.0.2'), bridgeAt('i-0b2')]);
    const ask = (id: string) => requestMove(shardAt('i-0c1'), id, port);
    await expect(ask('i-0b1')).rejects.toThrow('bridge i-0b1 is not known at 127.0.0.1');
    await expect(ask('i-0ff')).rejects.toThrow('bridge i-0ff is not known');
    const wrong = await fetch(`http://127.0.0.1:${port}/move?bridge=i-0b2`);
    expect(wrong.status).toBe(404);
  });

  it('replies to agent checks with one line, and with nothing before the state is known', async () => {
    let state: ShardState | undefined;
    const server = await serveAgentCheck('127.0.0.1', () => state, 0);
    servers.push(server);
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const read = async () => {
      let text = '';
      const socket = connect(port, '127.0.0.1').setEncoding('utf8');
      socket.on('data', (part) => {
        text += part;
      });
      await once(socket, 'close');
      return text;
    };
    expect(await read()).toBe('');
    state = 'has no bridge';
    expect(await read()).toBe('up ready 1%\n');
  });
});
