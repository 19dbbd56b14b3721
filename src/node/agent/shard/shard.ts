import { isSingleMachine, type ShardSpec } from '../../../contract/machine-spec.js';
import { CONFERENCES, conferences } from '../../access/conferences.js';
import { serveAccess } from '../../access/serve.js';
import { discovery } from '../../cluster-members/discover.js';
import type { InstanceContext } from '../../facts.js';
import { daemons } from '../../render/index.js';
import { members } from '../cluster-members.js';
import { jicofo } from '../daemons/jicofo.js';
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
import { shardMetrics } from '../metrics/metrics.js';
import type { Report } from '../metrics/report.js';
import type { ShardObservation } from '../observation.js';
import { type State, serve } from '../server.js';
import { CHECK_INTERVAL, watch } from '../watch.js';

/** CloudWatch keeps one value a minute at the standard price. See {@link news} for what is told when it changes, too. */
const PUBLISH_EVERY = 60_000;

const RULES: DrainRules = {
  // Each edge asks every 2 s.
  heardAfter: 5_000,
  limit: 2 * 60 * 60_000,
  // A meeting lives in Prosody's memory.
  moves: false,
};

/** A shard: tells edges whether it takes rooms, moves people for bridges that leave, and leaves when its meetings are over. */
export async function runShard(
  spec: ShardSpec,
  { instanceId, privateAddress }: InstanceContext,
  report: Report,
): Promise<never> {
  const focus = jicofo();
  const opening = conferences(CONFERENCES);
  const jicofoIsAlive = jicofoHealth(opening);
  const bridge = spec.colocatedBridge ? videobridge() : undefined;
  const others = isSingleMachine(spec) ? undefined : await members(spec, discovery(spec, instanceId));
  const running = daemons(spec);
  const considerHealth = watch(report);
  const lookAround = () => observeShard(spec.domain, running, focus, jicofoIsAlive, bridge);
  let seen: ShardObservation = await lookAround();
  let saying = NOTHING_REPORTED;
  let state: State | undefined;
  let told: string | undefined;

  const leave = await drainLoop(
    shardDrainTarget(() => seen),
    report,
  );

  const look = async () => {
    seen = await lookAround();
    const health = shardHealth(seen);
    const why = leave.why();
    saying = nextState(saying, stateFor(seen, health, why !== undefined), Date.now());
    const at = new Date().toISOString();
    const metrics = shardMetrics(seen, health);
    state = { at, health, metrics, seen, members: others?.known(), drainLoop: why };
    await considerHealth(health);
    if (news(seen) !== told) await publish();
  };
  const publish = async () => {
    told = news(seen);
    await report.publish(shardMetrics(seen, shardHealth(seen)), new Date());
  };

  await serveAccess(spec, opening, jicofoIsAlive);
  await serve(() => state);
  if (spec.shards.length > 1) await serveAgentCheck(privateAddress, () => saying.word);
  if (others && !spec.colocatedBridge) await serveMoveRequests(privateAddress, others.known, focus);
  return Promise.race([
    ...(others ? [others.watch()] : []),
    every(CHECK_INTERVAL, 'the look at this machine', look),
    every(DRAIN_LOOP_INTERVAL, 'drainLoop', leave.round),
    every(PUBLISH_EVERY, 'metrics were not published', publish),
  ]);
}

/** What is told as soon as it changes: how many bridges the shard can use, and whether it can hold meetings. */
const news = (seen: ShardObservation): string =>
  `${seen.jicofo?.statistics?.operationalBridges} ${shardHealth(seen).shard.healthy}`;

/** It keeps the rooms that it has; that it gets no new ones is what its agent check says. */
function shardDrainTarget(seen: () => ShardObservation): DrainTarget {
  return {
    rules: RULES,
    look: async (closed) => {
      const { jicofo, units } = seen();
      const gone = isBeyondRepair(units);
      return {
        closed,
        people: jicofo?.statistics?.participants,
        dead: gone.includes('prosody') || gone.includes('jicofo'),
      };
    },
    close: async () => {},
    move: async () => {},
  };
}
