import { execa } from 'execa';
import { EDGE_HEALTH_PATH } from '../../../contract/machine-layout.js';
import { PORTS } from '../../../contract/ports.js';
import { haproxyCommand } from '../../haproxy-socket.js';
import type { Daemon } from '../../render/file.js';
import { pendingUpdates } from '../../security-updates.js';
import type { Jibri } from '../daemons/jibri.js';
import type { Jicofo } from '../daemons/jicofo.js';
import { get } from '../daemons/rest.js';
import type { Videobridge } from '../daemons/videobridge.js';
import type {
  BridgeObservation,
  RecorderObservation,
  Jicofo as SeenJicofo,
  ShardObservation,
  UnitState,
  Units,
} from '../observation.js';
import { freeResources } from './free-resources.js';

const BUSY: SeenJicofo = { version: undefined, statistics: undefined };

/** Reads the state of everything on a shard in parallel. What does not answer within 3 s counts as not observed. */
export async function observeShard(
  domain: string,
  daemons: readonly Daemon[],
  focus: Jicofo,
  jicofoIsAlive: () => Promise<boolean>,
  bridge: Videobridge | undefined,
): Promise<ShardObservation> {
  const [edge, connections, prosody, jicofoStatus, bridgeStatus, units, updates, free] = await Promise.all([
    get(`http://127.0.0.1:${PORTS.edge}${EDGE_HEALTH_PATH}`),
    haproxyConnections(),
    get(`http://127.0.0.1:${PORTS.prosodyHttp}/http-bind`, { host: domain }),
    focus.status().then(async (seen) => seen ?? ((await jicofoIsAlive()) ? BUSY : undefined)),
    bridge?.status(),
    unitStates(daemons),
    pendingUpdates(),
    freeResources(),
  ]);
  return {
    edgeServes: edge?.ok,
    connections,
    prosodyServes: prosody?.ok === true,
    jicofo: jicofoStatus,
    bridge: bridgeStatus,
    units,
    updates,
    free,
  };
}

export async function observeBridge(
  daemons: readonly Daemon[],
  bridge: Videobridge,
): Promise<BridgeObservation> {
  const [seen, units, updates, free] = await Promise.all([
    bridge.status(),
    unitStates(daemons),
    pendingUpdates(),
    freeResources(),
  ]);
  return { bridge: seen, units, updates, free };
}

export async function observeRecorder(
  daemons: readonly Daemon[],
  recorder: Jibri,
): Promise<RecorderObservation> {
  const [jibri, units, updates, free] = await Promise.all([
    recorder.status(),
    unitStates(daemons),
    pendingUpdates(),
    freeResources(),
  ]);
  return { jibri, units, updates, free };
}

/** Current sessions of the frontend, from HAProxy's statistics. */
async function haproxyConnections(): Promise<number | undefined> {
  const csv = await haproxyCommand('show stat').catch(() => undefined);
  return csv === undefined ? undefined : frontendSessions(csv);
}

export function frontendSessions(csv: string): number | undefined {
  const rows = csv
    .replace(/^# /, '')
    .split('\n')
    .map((line) => line.split(','));
  const column = (rows[0] ?? []).indexOf('scur');
  const value = rows.find((row) => row[1] === 'FRONTEND')?.[column];
  return value === undefined || value === '' ? undefined : Number(value);
}

async function unitStates(daemons: readonly Daemon[]): Promise<Units> {
  const shown = await execa('systemctl', ['show', '--property=Id,ActiveState', ...daemons], {
    reject: false,
    timeout: 3_000,
  });
  return shown.failed ? {} : parseUnitStates(shown.stdout);
}

/** Parses blocks of `Key=value` lines, one block per unit, separated by empty lines. */
export function parseUnitStates(text: string): Units {
  const blocks = text
    .trim()
    .split(/\n\n+/)
    .map((block) => new Map(block.split('\n').map((line) => splitOnce(line))));
  return Object.fromEntries(
    blocks.map((block) => [
      (block.get('Id') ?? '').replace(/\.service$/, ''),
      (block.get('ActiveState') ?? 'unknown') as UnitState,
    ]),
  );
}

function splitOnce(line: string): [string, string] {
  const at = line.indexOf('=');
  return [line.slice(0, at), line.slice(at + 1)];
}
