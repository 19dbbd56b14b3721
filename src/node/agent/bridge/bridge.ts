import { readFile } from 'node:fs/promises';
import { BRIDGE_PASSWORD } from '../../../contract/machine-layout.js';
import type { BridgeSpec } from '../../../contract/machine-spec.js';
import { STRESS_EVERY } from '../../../contract/metrics.js';
import { discovery } from '../../cluster-members/discover.js';
import type { ClusterMember, InstanceContext } from '../../facts.js';
import { daemons } from '../../render/index.js';
import { mucClient } from '../../render/muc-client.js';
import { members, name } from '../cluster-members.js';
import { logins, type Shard } from '../daemons/muc-clients.js';
import { type Videobridge, videobridge } from '../daemons/videobridge.js';
import type { DrainRules } from '../drain/drain.js';
import { DRAIN_LOOP_INTERVAL, type DrainTarget, drainLoop } from '../drain/drain-loop.js';
import { requestMove } from '../drain/move-endpoints.js';
import { every } from '../every.js';
import { observeBridge } from '../health/collect.js';
import { bridgeHealth } from '../health/health.js';
import { log, sentence } from '../journal.js';
import { bridgeMetrics } from '../metrics/metrics.js';
import type { Report } from '../metrics/report.js';
import type { BridgeObservation } from '../observation.js';
import { type State, serve } from '../server.js';
import { CHECK_INTERVAL, watch } from '../watch.js';

/** A bridge that was restarted knows no shard, and is told within that. */
const LOGINS_EVERY = 1_000;

const RULES: DrainRules = {
  // Videobridge shows itself every 5 s: until then focuses put people here.
  heardAfter: 6_000,
  limit: 30 * 60_000,
  moves: true,
};

/** A machine with a bridge and nothing else: shows itself to all shards, says how full it is, and leaves only empty. */
export async function runBridge(
  spec: BridgeSpec,
  { instanceId }: InstanceContext,
  report: Report,
): Promise<never> {
  const bridge = videobridge();
  const others = await members(spec, discovery(spec, instanceId));
  const shards = () => others.known()?.filter((other): other is Shard => other.role === 'shard');
  const running = daemons(spec);
  const considerHealth = watch(report);
  const askAllToMove = movers(instanceId);
  let seen: BridgeObservation = { bridge: undefined, units: {} };
  let state: State | undefined;

  const leave = await drainLoop(
    bridgeDrainTarget(
      bridge,
      () => seen.units['jitsi-videobridge2'] === 'failed',
      () => askAllToMove(shards() ?? []),
    ),
    report,
  );
  await serve(() => state);

  const look = async () => {
    seen = await observeBridge(running, bridge);
    const health = bridgeHealth(seen, shards()?.length);
    const metrics = bridgeMetrics(seen, leave.why() !== undefined);
    const at = new Date().toISOString();
    state = { at, health, metrics, seen, members: others.known(), drainLoop: leave.why() };
    await considerHealth(health);
  };
  const publish = () => report.publish(bridgeMetrics(seen, leave.why() !== undefined), new Date());
  const loginAt: LoginAt = async (hostname) =>
    mucClient(spec.domain, { hostname, password: await readPassword(), nickname: instanceId });
  const logIn = () => bringLogins(bridge, loginAt, others.known());

  await look();
  return Promise.race([
    others.watch(),
    every(LOGINS_EVERY, 'the logins at shards', logIn),
    every(DRAIN_LOOP_INTERVAL, 'drainLoop', leave.round),
    every(CHECK_INTERVAL, 'the look at this machine', look),
    every(STRESS_EVERY * 1_000, 'metrics were not published', publish),
  ]);
}

export function bridgeDrainTarget(
  bridge: Videobridge,
  dead: () => boolean,
  move: () => Promise<void>,
): DrainTarget {
  return {
    rules: RULES,
    look: async () => {
      const statistics = (await bridge.look())?.statistics;
      return { closed: statistics?.draining, people: statistics?.participants, dead: dead() };
    },
    close: async (closed) => {
      // It starts closed. One that cannot hold a meeting with itself may still hold one with people.
      if (!closed)
        await bridge.warmUp().then(
          ({ packets }) => log(`warmed up: ${packets} packets were sent on`),
          (error: unknown) => log(`no warm-up: ${sentence(error)}`),
        );
      await bridge.drain(closed);
    },
    move,
  };
}

/** What the bridge is told of a shard, by the address at which that is. */
export type LoginAt = (hostname: string) => Promise<Readonly<Record<string, string>>>;

/** Lets the bridge log in where it should be, and out where nobody is any more. */
export async function bringLogins(
  bridge: Videobridge,
  loginAt: LoginAt,
  known: readonly ClusterMember[] | undefined,
): Promise<void> {
  const listed = await bridge.logins();
  // It is starting, or has ended: systemd sees to that.
  if (!listed) return;
  const { add, remove } = logins(known, listed);
  for (const { id, shard } of add) {
    log(`logging in at ${name(shard)}`);
    await bridge.logIn(id, await loginAt(shard.privateAddress));
  }
  for (const id of remove) {
    log(`logging out of ${id}`);
    await bridge.logOut(id);
  }
}

const readPassword = async (): Promise<string> => (await readFile(BRIDGE_PASSWORD, 'utf8')).trim();

/** Asks every shard to move the people of a bridge. Why one does not is told once, however often it is asked. */
function movers(instanceId: string): (shards: readonly Shard[]) => Promise<void> {
  const refusals = new Map<string, string>();
  const moves = (shard: Shard, people: number) => {
    refusals.delete(shard.instanceId);
    if (people > 0) log(`${name(shard)} moves ${people} people`);
  };
  const refuses = (shard: Shard, why: string) => {
    if (refusals.get(shard.instanceId) !== why) log(`${name(shard)} moves nobody: ${why}`);
    refusals.set(shard.instanceId, why);
  };
  return async (shards) => {
    await Promise.all(
      shards.map((shard) =>
        requestMove(shard, instanceId).then(
          (people) => moves(shard, people),
          (error: unknown) => refuses(shard, sentence(error)),
        ),
      ),
    );
  };
}
