import { readFile } from 'node:fs/promises';
import { BRIDGE_PASSWORD } from '../../../contract/machine-layout.js';
import type { BridgeSpec } from '../../../contract/machine-spec.js';
import { STRESS_EVERY } from '../../../contract/metrics.js';
import { discovery } from '../../cluster-members/discover.js';
import type { ClusterMember, InstanceContext } from '../../facts.js';
import { daemons } from '../../render/index.js';
import { mucClient } from '../../render/muc-client.js';
import { memberName, watchMembers } from '../cluster-members.js';
import { loginChanges, type Shard } from '../daemons/muc-clients.js';
import { openWarm } from '../daemons/open-warm.js';
import { type Videobridge, videobridge } from '../daemons/videobridge.js';
import type { DrainRules } from '../drain/drain.js';
import { DRAIN_LOOP_INTERVAL, type DrainTarget, drainLoop } from '../drain/drain-loop.js';
import { requestMove } from '../drain/move-endpoints.js';
import { Refusals } from '../drain/refusals.js';
import { every } from '../every.js';
import { observeBridge } from '../health/collect.js';
import { bridgeHealth } from '../health/health.js';
import { log, sentence } from '../log.js';
import { bridgeMetrics } from '../metrics/metrics.js';
import { servePrometheus, sources } from '../metrics/prometheus.js';
import { publisher } from '../metrics/publisher.js';
import type { Reporter } from '../metrics/reporter.js';
import type { BridgeObservation } from '../observation.js';
import { type State, serve } from '../server.js';
import { CHECK_INTERVAL, watch } from '../watch.js';

/** A restarted Videobridge has no shard logins; the agent adds them again within this time. */
const LOGIN_INTERVAL = 1_000;

const RULES: DrainRules = {
  // Videobridge sends its presence every 5 s: until Jicofo has seen it, Jicofo may add participants here.
  settleTime: 6_000,
  limit: 30 * 60_000,
  movesParticipants: true,
};

/**
 * The agent of a dedicated bridge: logs the bridge in at all shards, publishes stress, and drains the bridge before
 * the machine ends.
 */
export async function runBridge(
  spec: BridgeSpec,
  { instanceId, privateAddress }: InstanceContext,
  reporter: Reporter,
): Promise<never> {
  const bridge = videobridge();
  const others = await watchMembers(spec, discovery(spec, instanceId));
  const shards = () => others.known()?.filter((other): other is Shard => other.role === 'shard');
  const running = daemons(spec);
  const considerHealth = watch(reporter);
  const requestMoves = moveRequests(instanceId);
  let seen: BridgeObservation = { bridge: undefined, units: {} };
  let state: State | undefined;

  const drain = await drainLoop(
    bridgeDrainTarget(
      bridge,
      () => seen.units['jitsi-videobridge2'] === 'failed',
      () => requestMoves(shards() ?? []),
    ),
    reporter,
  );
  await serve(() => state);
  if (spec.prometheus) await servePrometheus(privateAddress, sources(spec));

  const check = async () => {
    seen = await observeBridge(running, bridge);
    const health = bridgeHealth(seen, shards()?.length);
    const metrics = bridgeMetrics(seen, drain.why() !== undefined);
    const at = new Date().toISOString();
    state = { at, health, metrics, seen, members: others.known(), draining: drain.why() };
    await considerHealth(health);
  };
  const toCloudWatch = publisher(reporter);
  const publish = () => toCloudWatch(bridgeMetrics(seen, drain.why() !== undefined), seen.bridge);
  const loginAt: LoginAt = async (hostname) =>
    mucClient(spec.domain, { hostname, password: await readPassword(), nickname: instanceId });
  const logIn = () => syncLogins(bridge, loginAt, others.known());

  await check();
  return Promise.race([
    others.watch(),
    every(LOGIN_INTERVAL, 'logging in at shards', logIn),
    every(DRAIN_LOOP_INTERVAL, 'draining', drain.round),
    every(CHECK_INTERVAL, 'the health check', check),
    every(STRESS_EVERY * 1_000, 'publishing metrics', publish),
  ]);
}

export function bridgeDrainTarget(
  bridge: Videobridge,
  failed: () => boolean,
  move: () => Promise<void>,
): DrainTarget {
  return {
    rules: RULES,
    facts: async () => {
      const statistics = (await bridge.status())?.statistics;
      return { closed: statistics?.draining, participants: statistics?.participants, failed: failed() };
    },
    setClosed: async (closed) => {
      if (closed) await bridge.drain(true);
      else await openWarm(bridge);
    },
    move,
  };
}

/** The MUC client settings for the shard at this address. */
export type LoginAt = (hostname: string) => Promise<Readonly<Record<string, string>>>;

/** Logs the bridge in at every known shard and out of shards that no longer exist. */
export async function syncLogins(
  bridge: Videobridge,
  loginAt: LoginAt,
  known: readonly ClusterMember[] | undefined,
): Promise<void> {
  const listed = await bridge.logins();
  // Videobridge is starting or stopped; systemd handles that.
  if (!listed) return;
  const { add, remove } = loginChanges(known, listed);
  for (const { id, shard } of add) {
    log.info(`logging in at ${memberName(shard)}`);
    await bridge.logIn(id, await loginAt(shard.privateAddress));
  }
  for (const id of remove) {
    log.info(`logging out of ${id}`);
    await bridge.logOut(id);
  }
}

const readPassword = async (): Promise<string> => (await readFile(BRIDGE_PASSWORD, 'utf8')).trim();

/** Asks every shard to move the bridge's participants. */
function moveRequests(instanceId: string): (shards: readonly Shard[]) => Promise<void> {
  const refusals = new Refusals(RULES.settleTime);
  const moves = (shard: Shard, participants: number) => {
    refusals.end(shard.instanceId);
    if (participants > 0) log.info(`${memberName(shard)} moved ${participants} participants`);
  };
  const refuses = (shard: Shard, why: string) => {
    if (refusals.add(shard.instanceId, why, Date.now()))
      log.warning(`${memberName(shard)} moved no participants: ${why}`);
  };
  return async (shards) => {
    await Promise.all(
      shards.map((shard) =>
        requestMove(shard, instanceId).then(
          (participants) => moves(shard, participants),
          (error: unknown) => refuses(shard, sentence(error)),
        ),
      ),
    );
  };
}
