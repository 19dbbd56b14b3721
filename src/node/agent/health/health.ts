import type { Daemon } from '../../render/file.js';
import { isOfTurn } from '../../render/turn.js';
import type { BridgeObservation, ShardObservation, Units } from '../observation.js';

export interface Verdict {
  readonly healthy: boolean;
  /** One sentence. */
  readonly reason: string;
}

/** Three questions that are never mixed. Who acts on the answer is named with each. */
export type ShardHealth = {
  /** Can this machine serve or forward? The load balancer asks HAProxy the same. */
  readonly edge: Verdict;
  /** Can this machine's Prosody and Jicofo hold meetings? Edges route rooms by it. Bridges are not part of it. */
  readonly shard: Verdict;
  /** Is something here beyond what a restart can repair? Only then is the machine replaced. */
  readonly machine: Verdict;
};

export type BridgeHealth = {
  /** Can a meeting be held here? Each shard's Jicofo asks the bridge itself; nothing is done about it here. */
  readonly bridge: Verdict;
  readonly machine: Verdict;
};

export function shardHealth(seen: ShardObservation): ShardHealth {
  return { edge: edge(seen), shard: shard(seen), machine: machine(seen.units) };
}

/** `shards`: how many machines of shards are known; undefined while nobody has told. */
export function bridgeHealth(seen: BridgeObservation, shards: number | undefined): BridgeHealth {
  return { bridge: bridge(seen, shards), machine: machine(seen.units) };
}

function edge(seen: ShardObservation): Verdict {
  if (seen.edgeServes === undefined) return bad('HAProxy does not answer.');
  return seen.edgeServes
    ? good('HAProxy has a web server to send requests to.')
    : bad('HAProxy has no web server to send requests to.');
}

/** Without a bridge a shard is still the place where its rooms are: to call it dead would move every room at once. */
function shard(seen: ShardObservation): Verdict {
  if (!seen.prosodyServes) return bad('Prosody does not answer.');
  if (!seen.jicofo) return bad('Jicofo does not answer.');
  const bridges = seen.jicofo.statistics?.operationalBridges;
  if (bridges === undefined) return good('Prosody and Jicofo answer.');
  return good(
    `Prosody and Jicofo answer; ${bridges === 1 ? '1 bridge is' : `${bridges} bridges are`} operational.`,
  );
}

/** A bridge that no shard lets in may be as well as can be: a new machine would be let in no sooner. */
function bridge({ bridge: seen }: BridgeObservation, shards: number | undefined): Verdict {
  if (!seen) return bad('Videobridge does not answer.');
  if (!seen.healthy) return bad('Videobridge says that it is not healthy.');
  const joined = seen.statistics?.breweries;
  if (joined === undefined) return good('Videobridge is healthy.');
  if (shards === undefined) return good('Videobridge is healthy; which shards there are is not known yet.');
  if (shards === 0) return bad('Videobridge is healthy, but there is no shard that it could serve.');
  if (joined === 0) return bad(`Videobridge is healthy, but none of ${shards} shards has let it in.`);
  return good(`Videobridge is healthy and serves ${joined} of ${shards} shards.`);
}

function machine(units: Units): Verdict {
  const gone = isBeyondRepair(units);
  if (gone.length === 0) {
    // A new machine would end every meeting of this one, and other shards relay in its place.
    const relay = failed(units);
    if (relay.length === 0) return good('systemd keeps every daemon running.');
    return good(`systemd keeps every daemon running but ${relay.join(' and ')}: no media is relayed here.`);
  }
  return bad(`systemd gave up on ${gone.join(' and ')} after too many restarts.`);
}

/** Daemons that a machine is of no use without, and that will not come back. */
export const isBeyondRepair = (units: Units): Daemon[] => failed(units).filter((daemon) => !isOfTurn(daemon));

/** Every unit restarts always, so `failed` is only reached when the limit of restarts was. */
const failed = (units: Units): Daemon[] =>
  (Object.keys(units) as Daemon[]).filter((daemon) => units[daemon] === 'failed');

const good = (reason: string): Verdict => ({ healthy: true, reason });
const bad = (reason: string): Verdict => ({ healthy: false, reason });
