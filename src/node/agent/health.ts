import type { Daemon } from '../render/file.js';
import type { Observation } from './observation.js';

export interface Verdict {
  readonly healthy: boolean;
  /** One sentence. */
  readonly reason: string;
}

/** Three questions that are never mixed. Who acts on the answer is named with each. */
export interface Health {
  /** Can this machine serve or forward? The load balancer asks HAProxy the same. */
  readonly edge: Verdict;
  /** Can this machine's Prosody and Jicofo hold meetings? Edges route rooms by it. Bridges are not part of it. */
  readonly shard: Verdict;
  /** Is something here beyond what a restart can repair? Only then is the machine replaced. */
  readonly machine: Verdict;
}

export function health(seen: Observation): Health {
  return { edge: edge(seen), shard: shard(seen), machine: machine(seen) };
}

function edge(seen: Observation): Verdict {
  if (seen.edgeServes === undefined) return bad('HAProxy does not answer.');
  return seen.edgeServes
    ? good('HAProxy has a web server to send requests to.')
    : bad('HAProxy has no web server to send requests to.');
}

/** Without a bridge a shard is still the place where its rooms are: to call it dead would move every room at once. */
function shard(seen: Observation): Verdict {
  if (!seen.prosodyServes) return bad('Prosody does not answer.');
  if (!seen.jicofo) return bad('Jicofo does not answer.');
  const bridges = seen.jicofo.statistics?.operationalBridges;
  if (bridges === undefined) return good('Prosody and Jicofo answer.');
  return good(
    `Prosody and Jicofo answer; ${bridges === 1 ? '1 bridge is' : `${bridges} bridges are`} operational.`,
  );
}

function machine(seen: Observation): Verdict {
  const gone = beyondRepair(seen);
  if (gone.length === 0) return good('systemd keeps every daemon running.');
  return bad(`systemd gave up on ${gone.join(' and ')} after too many restarts.`);
}

/** Every unit restarts always, so `failed` is only reached when the limit of restarts was. */
export function beyondRepair(seen: Observation): Daemon[] {
  return (Object.keys(seen.units) as Daemon[]).filter((daemon) => seen.units[daemon] === 'failed');
}

const good = (reason: string): Verdict => ({ healthy: true, reason });
const bad = (reason: string): Verdict => ({ healthy: false, reason });
