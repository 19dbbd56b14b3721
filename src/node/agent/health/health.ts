import type { Daemon } from '../../render/file.js';
import { isOfTurn } from '../../render/turn.js';
import type { BridgeObservation, RecorderObservation, ShardObservation, Units } from '../observation.js';

export interface Verdict {
  readonly healthy: boolean;
  /** One sentence. */
  readonly reason: string;
}

/** Three separate questions, each with its own consequence. */
export type ShardHealth = {
  /** Can this machine serve or forward requests? The load balancer asks HAProxy the same. */
  readonly edge: Verdict;
  /** Can Prosody and Jicofo hold meetings here? Edges route rooms by it. Bridges are not part of it. */
  readonly shard: Verdict;
  /** Has a daemon failed beyond what restarts can repair? Only then is the machine replaced. */
  readonly machine: Verdict;
};

export type BridgeHealth = {
  /** Can the bridge hold meetings? Each shard's Jicofo checks the bridge itself; this answer is for status only. */
  readonly bridge: Verdict;
  readonly machine: Verdict;
};

export type RecorderHealth = {
  /** Can the machine record? Each shard's Jicofo learns it from Jibri itself; this answer is for status only. */
  readonly recorder: Verdict;
  readonly machine: Verdict;
};

export function shardHealth(seen: ShardObservation): ShardHealth {
  return { edge: edge(seen), shard: shard(seen), machine: machine(seen.units) };
}

/** `shards`: number of known shard machines; undefined while unknown. */
export function bridgeHealth(seen: BridgeObservation, shards: number | undefined): BridgeHealth {
  return { bridge: bridge(seen, shards), machine: machine(seen.units) };
}

/** `shards`: number of known shard machines; undefined while unknown. */
export function recorderHealth(seen: RecorderObservation, shards: number | undefined): RecorderHealth {
  return { recorder: recorder(seen, shards), machine: machine(seen.units) };
}

function edge(seen: ShardObservation): Verdict {
  if (seen.edgeServes === undefined) return bad('HAProxy does not answer.');
  return seen.edgeServes
    ? good('HAProxy has a web server to send requests to.')
    : bad('HAProxy has no web server to send requests to.');
}

/** A shard without bridges is still where its rooms are: reporting it as down would move all rooms at once. */
function shard(seen: ShardObservation): Verdict {
  if (!seen.prosodyServes) return bad('Prosody does not answer.');
  if (!seen.jicofo) return bad('Jicofo does not answer.');
  const bridges = seen.jicofo.statistics?.operationalBridges;
  if (bridges === undefined) return good('Prosody and Jicofo answer.');
  return good(
    `Prosody and Jicofo answer; ${bridges === 1 ? '1 bridge is' : `${bridges} bridges are`} operational.`,
  );
}

/** A bridge that cannot log in at any shard may be perfectly healthy: a replacement could not log in either. */
function bridge({ bridge: seen }: BridgeObservation, shards: number | undefined): Verdict {
  if (!seen) return bad('Videobridge does not answer.');
  if (!seen.healthy) return bad('Videobridge reports that it is not healthy.');
  const joined = seen.statistics?.breweries;
  if (joined === undefined) return good('Videobridge is healthy.');
  if (shards === undefined) return good('Videobridge is healthy; the list of shards is not known yet.');
  if (shards === 0) return bad('Videobridge is healthy, but there are no shards.');
  if (joined === 0) return bad(`Videobridge is healthy, but logged in at none of ${shards} shards.`);
  return good(`Videobridge is healthy and serves ${joined} of ${shards} shards.`);
}

function recorder({ jibri, units }: RecorderObservation, shards: number | undefined): Verdict {
  if (!jibri && units.jibri === 'inactive') return bad('Jibri accepts no more recordings.');
  if (!jibri) return bad('Jibri does not answer.');
  if (!jibri.healthy) return bad('Jibri reports that it is not healthy.');
  if (shards === 0) return bad('Jibri is healthy, but there are no shards.');
  return good(jibri.busy ? 'Jibri records or streams.' : 'Jibri waits for a recording.');
}

function machine(units: Units): Verdict {
  const gone = isBeyondRepair(units);
  if (gone.length === 0) {
    // A replacement would end every meeting here, and the TURN relays of other shards take over.
    const relay = failed(units);
    if (relay.length === 0) return good('systemd keeps all daemons running.');
    return good(
      `systemd keeps all daemons running except ${relay.join(' and ')}: this machine relays no media.`,
    );
  }
  return bad(`systemd gave up on ${gone.join(' and ')} after too many restarts.`);
}

/** Daemons that have failed for good and without which the machine is useless. */
export const isBeyondRepair = (units: Units): Daemon[] => failed(units).filter((daemon) => !isOfTurn(daemon));

/** Every unit restarts automatically, so `failed` means that the restart limit was reached. */
const failed = (units: Units): Daemon[] =>
  (Object.keys(units) as Daemon[]).filter((daemon) => units[daemon] === 'failed');

const good = (reason: string): Verdict => ({ healthy: true, reason });
const bad = (reason: string): Verdict => ({ healthy: false, reason });
