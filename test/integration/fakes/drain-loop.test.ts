import { once } from 'node:events';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { bridgeDrainTarget, bringLogins } from '../../../src/node/agent/bridge/bridge.js';
import { jicofo } from '../../../src/node/agent/daemons/jicofo.js';
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
const CALLED: DrainFacts['calls'] = { terminating: true, spotEnd: null, asked: false };

describe.skipIf(!PROSODY)('a bridge and its shard, by their agents', { timeout: 90_000 }, () => {
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

  /** A bridge that knows no shard, and its agent's hand on it. */
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
  /** One round of its logins. */
  const bring = (bridge: Videobridge, id: string, known: readonly ClusterMember[] | undefined) =>
    bringLogins(bridge, async () => shard.shard(id), known);
  const people = async (bridge: Videobridge) => (await bridge.look())?.statistics?.participants;

  const meet = () => meeting(shard, participants, PATIENCE);

  /** The shard's agent on a port of its own. */
  const answerBridges = async (known: readonly ClusterMember[]): Promise<number> => {
    const server: Server = await serveMoveRequests('127.0.0.1', () => known, jicofo(shard.focus), 0);
    servers.push(server);
    const address = server.address();
    return typeof address === 'object' && address ? address.port : 0;
  };

  it('shows itself to the shards that are there, and again when it was restarted', async () => {
    const bridge = await start('i-0b1');
    await bring(bridge, 'i-0b1', [shardAt('i-0c1')]);
    await shard.bridges(1);
    await bring(bridge, 'i-0b1', [shardAt('i-0c1')]);
    expect(await bridge.logins()).toEqual(['shard-a-i-0c1']);
    await expect
      .poll(async () => (await bridge.look())?.statistics?.breweries, { timeout: PATIENCE })
      .toBe(1);

    await bring(bridge, 'i-0b1', undefined);
    expect(await bridge.logins()).toEqual(['shard-a-i-0c1']);

    bridges[0]?.process.kill('SIGKILL');
    await bridges[0]?.ended;
    await bring(bridge, 'i-0b1', [shardAt('i-0c1')]);
    const again = await start('i-0b1');
    await bring(again, 'i-0b1', [shardAt('i-0c1')]);
    await shard.bridges(1);
  });

  it('follows a shard to its new machine', async () => {
    const bridge = await start('i-0b1');
    await bring(bridge, 'i-0b1', [shardAt('i-0c1')]);
    await shard.bridges(1);
    await bring(bridge, 'i-0b1', [shardAt('i-0c2')]);
    expect(await bridge.logins()).toEqual(['shard-a-i-0c2']);
    await shard.bridges(1);
  });

  it('leaves empty: closes, waits for another bridge, has its people moved there, and may end', async () => {
    const bridge = await start('i-0b1');
    await bring(bridge, 'i-0b1', [shardAt('i-0c1')]);
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
    const leaver = bridgeDrainTarget(bridge, () => false, move);
    // The fake shows itself every 200 ms.
    const rules = { ...leaver.rules, heardAfter: 500 };
    let drain: Drain;
    let mayEnd = false;
    const round = async () => {
      const facts = { calls: CALLED, ...(await leaver.look(drain !== undefined)) };
      const next = step(drain, facts, rules, Date.now());
      drain = next.drain;
      for (const action of next.actions) {
        if (action === 'close') await leaver.close(true);
        if (action === 'move') await leaver.move();
        mayEnd ||= action === 'complete';
      }
    };
    const rounds = (until: () => boolean) =>
      expect.poll(() => round().then(until), { timeout: PATIENCE, interval: 100 }).toBe(true);

    const refusal = 'there is no other bridge that takes people';
    await rounds(() => refused.includes(refusal));
    // Before, the focus may not have heard yet.
    const later = refused.filter((why) => why !== 'Jicofo has not heard yet that this bridge drains');
    expect(later).toEqual([refusal]);
    expect(await people(bridge)).toBe(2);
    expect(mayEnd).toBe(false);

    const other = await start('i-0b2');
    await bring(other, 'i-0b2', [shardAt('i-0c1')]);
    await shard.bridges(2);
    await rounds(() => mayEnd);
    expect(await people(bridge)).toBe(0);
    expect(await people(other)).toBe(2);

    await meet();
    expect(await people(bridge)).toBe(0);
    await leaver.close(false);
    expect((await bridge.look())?.statistics?.draining).toBe(false);
  });

  it('is given people only when it is warm, once it is not the only one any more', async () => {
    const bridge = await start('i-0b1');
    const fresh = await start('i-0b2', 'initial-drain-mode = true');
    await bring(bridge, 'i-0b1', [shardAt('i-0c1')]);
    await bring(fresh, 'i-0b2', [shardAt('i-0c1')]);
    await shard.bridges(2);
    await meet();
    expect(await people(fresh)).toBe(0);

    const leaver = bridgeDrainTarget(
      fresh,
      () => false,
      async () => {},
    );
    const { actions } = step(
      undefined,
      { calls: { ...CALLED, terminating: false }, ...(await leaver.look(false)) },
      leaver.rules,
      Date.now(),
    );
    expect(actions).toEqual(['open']);
    await leaver.close(false);
    expect(await (await fetch(`${bridges[1]?.rest}/colibri/stats`)).json()).toMatchObject({
      drain: false,
      conferences: 0,
      total_conferences_completed: 8,
    });
    await bridge.drain(true);
    await expect.poll(() => meet().then(() => people(fresh)), { timeout: PATIENCE }).toBeGreaterThan(0);
  });

  it('has nobody moved who is not its own', async () => {
    const port = await answerBridges([bridgeAt('i-0b1', '127.0.0.2'), bridgeAt('i-0b2')]);
    const ask = (id: string) => requestMove(shardAt('i-0c1'), id, port);
    await expect(ask('i-0b1')).rejects.toThrow('no bridge i-0b1 is known at 127.0.0.1');
    await expect(ask('i-0ff')).rejects.toThrow('no bridge i-0ff is known');
    const wrong = await fetch(`http://127.0.0.1:${port}/move?bridge=i-0b2`);
    expect(wrong.status).toBe(404);
  });

  it('says in one line what edges are to do with the shard, and nothing before it knows', async () => {
    let word: ShardState | undefined;
    const server = await serveAgentCheck('127.0.0.1', () => word, 0);
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
    word = 'has no bridge';
    expect(await read()).toBe('up ready 1%\n');
  });
});
