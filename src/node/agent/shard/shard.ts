import { isSingleMachine, type ShardSpec } from '../../../contract/machine-spec.js';
import { CONFERENCES, conferences } from '../../access/conferences.js';
import { serveAccess } from '../../access/serve.js';
import { discovery } from '../../cluster-members/discover.js';
import type { InstanceContext } from '../../facts.js';
import { daemons } from '../../render/index.js';
import { watchMembers } from '../cluster-members.js';
import { jicofo } from '../daemons/jicofo.js';
import { openColocated } from '../daemons/open-warm.js';
import { videobridge } from '../daemons/videobridge.js';
import type { DrainRules } from '../drain/drain.js';
import { DRAIN_LOOP_INTERVAL, type DrainTarget, drainLoop } from '../drain/drain-loop.js';
import { serveMoveRequests } from '../drain/move-endpoints.js';
import { every } from '../every.js';
import { serveAgentCheck } from '../health/agent-check.js';
import { observeShard } from '../health/collect.js';
import { isBeyondRepair, shardHealth } from '../health/health.js';
import { jicofoHealth } from '../health/jicofo-health.js';
import { NOTHING_REPORTED, nextState, stateFor } from '../health/shard-state.js';
import { recordersLacking, shardMetrics } from '../metrics/metrics.js';
import { servePrometheus, sources } from '../metrics/prometheus.js';
import { publisher } from '../metrics/publisher.js';
import type { Reporter } from '../metrics/reporter.js';
import type { ShardObservation } from '../observation.js';
import { type State, serve } from '../server.js';
import { CHECK_INTERVAL, watch } from '../watch.js';
import { bridgesInBrewery } from './brewery.js';
import { bridgesLost } from './bridges-lost.js';
import { jicofoRepair, requestRestart } from './jicofo-repair.js';
import { signInMeans } from './sign-in-means.js';

/** Milliseconds. Changes of {@link publishedAtOnce} are published without waiting for the interval. */
const PUBLISH_INTERVAL = 60_000;

/** Milliseconds. A co-located bridge that was restarted is opened again within this time. */
const OPEN_INTERVAL = 1_000;

const RULES: DrainRules = {
  // Each edge reads the agent check every 2 s.
  settleTime: 5_000,
  limit: 2 * 60 * 60_000,
  // A meeting's state is in Prosody's memory.
  movesParticipants: false,
};

/**
 * The agent of a shard: reports its state to edges, moves participants for draining bridges, and drains until its
 * meetings have ended.
 */
export async function runShard(
  spec: ShardSpec,
  { instanceId, privateAddress }: InstanceContext,
  reporter: Reporter,
): Promise<never> {
  const focus = jicofo();
  const opening = conferences(CONFERENCES);
  const jicofoIsAlive = jicofoHealth(opening);
  const bridge = spec.colocatedBridge ? videobridge() : undefined;
  const others = isSingleMachine(spec) ? undefined : await watchMembers(spec, discovery(spec, instanceId));
  const running = daemons(spec);
  const ready = spec.recording?.ready;
  const considerHealth = watch(reporter);
  const repairJicofo = jicofoRepair({
    inBrewery: () => bridgesInBrewery(),
    restart: requestRestart,
    report: () => reporter.reportRepair(new Date()),
  });
  const observe = () => observeShard(spec.domain, running, focus, jicofoIsAlive, bridge);
  let seen: ShardObservation = await observe();
  const isWithoutBridges = bridgesLost(Date.now());
  const hasLostBridges = () => isWithoutBridges(seen.jicofo?.statistics?.operationalBridges, Date.now());
  let reportedState = NOTHING_REPORTED;
  let state: State | undefined;
  let published: string | undefined;

  const drain = await drainLoop(
    shardDrainTarget(() => seen),
    reporter,
  );

  const check = async () => {
    seen = await observe();
    const health = shardHealth(seen);
    const why = drain.why();
    reportedState = nextState(reportedState, stateFor(seen, health, why !== undefined), Date.now());
    const at = new Date().toISOString();
    const metrics = shardMetrics(seen, health, hasLostBridges(), ready);
    state = { at, health, metrics, seen, members: others?.known(), draining: why };
    await considerHealth(health);
    await repairJicofo(seen.jicofo?.statistics?.bridges, Date.now());
    if (publishedAtOnce(seen, ready) !== published) await publish();
  };
  const toCloudWatch = publisher(reporter);
  const publish = async () => {
    published = publishedAtOnce(seen, ready);
    await toCloudWatch(shardMetrics(seen, shardHealth(seen), hasLostBridges(), ready), seen.bridge);
  };

  await serveAccess(spec, opening, jicofoIsAlive, signInMeans(spec));
  await serve(() => state);
  if (spec.prometheus) await servePrometheus(privateAddress, sources(spec));
  if (spec.shards.length > 1) await serveAgentCheck(privateAddress, () => reportedState.reported);
  if (others && !spec.colocatedBridge) await serveMoveRequests(privateAddress, others.known, focus);
  return Promise.race([
    ...(others ? [others.watch()] : []),
    ...(bridge ? [every(OPEN_INTERVAL, 'opening the bridge', () => openColocated(bridge))] : []),
    every(CHECK_INTERVAL, 'the health check', check),
    every(DRAIN_LOOP_INTERVAL, 'draining', drain.round),
    every(PUBLISH_INTERVAL, 'publishing metrics', publish),
  ]);
}

/** What is published as soon as it changes: bridges that the shard can use, whether it can hold meetings, recorders it lacks. */
const publishedAtOnce = (seen: ShardObservation, ready: number | undefined): string =>
  [
    seen.jicofo?.statistics?.operationalBridges,
    shardHealth(seen).shard.healthy,
    recordersLacking(seen.jicofo?.statistics, ready),
  ].join(' ');

/** A draining shard keeps its rooms; the agent check keeps new ones away, so there is nothing to close. */
function shardDrainTarget(seen: () => ShardObservation): DrainTarget {
  return {
    rules: RULES,
    facts: async (closed) => {
      const { jicofo, units } = seen();
      const gone = isBeyondRepair(units);
      return {
        closed,
        participants: jicofo?.statistics?.participants,
        failed: gone.includes('prosody') || gone.includes('jicofo'),
      };
    },
    setClosed: async () => {},
    move: async () => {},
  };
}
