import { connect } from 'node:net';
import { execa } from 'execa';
import { z } from 'zod';
import { EDGE_HEALTH_PATH, PORTS } from '../ports.js';
import type { Daemon } from '../render/file.js';
import { HAPROXY_STATS_SOCKET } from '../render/haproxy.js';
import type { Bridge, Jicofo, Observation, UnitState } from './observation.js';

const JicofoVersion = z.object({ version: z.string() });
const JicofoStatistics = z.object({
  participants: z.number(),
  conferences: z.number(),
  bridge_selector: z.object({ operational_bridge_count: z.number() }),
});
const BridgeStatistics = z.object({
  stress_level: z.number(),
  local_endpoints: z.number().optional(),
  participants: z.number().optional(),
});

/** Asks everything on the machine once, all at the same time. What does not answer within 3 s was not seen. */
export async function collect(domain: string, daemons: readonly Daemon[]): Promise<Observation> {
  const [edge, connections, prosody, jicofoSeen, bridgeSeen, units] = await Promise.all([
    get(`http://127.0.0.1:${PORTS.edge}${EDGE_HEALTH_PATH}`),
    haproxyConnections(),
    get(`http://127.0.0.1:${PORTS.prosodyHttp}/http-bind`, { host: domain }),
    jicofo(),
    daemons.includes('jitsi-videobridge2') ? bridge() : undefined,
    unitStates(daemons),
  ]);
  return {
    edgeServes: edge?.ok,
    connections,
    prosodyServes: prosody?.ok === true,
    jicofo: jicofoSeen,
    bridge: bridgeSeen,
    units,
  };
}

async function jicofo(): Promise<Jicofo | undefined> {
  const base = `http://127.0.0.1:${PORTS.jicofo}`;
  const [version, statistics] = await Promise.all([
    read(`${base}/about/version`, JicofoVersion),
    read(`${base}/stats`, JicofoStatistics),
  ]);
  return (
    version && {
      version: version.version,
      statistics: statistics && {
        participants: statistics.participants,
        conferences: statistics.conferences,
        operationalBridges: statistics.bridge_selector.operational_bridge_count,
      },
    }
  );
}

async function bridge(): Promise<Bridge | undefined> {
  const base = `http://127.0.0.1:${PORTS.bridgeRest}`;
  const [answer, statistics] = await Promise.all([
    get(`${base}/about/health`),
    read(`${base}/colibri/stats`, BridgeStatistics),
  ]);
  return (
    answer && {
      healthy: answer.ok,
      stress: statistics?.stress_level,
      participants: statistics?.local_endpoints ?? statistics?.participants,
    }
  );
}

async function get(url: string, headers: Record<string, string> = {}): Promise<Response | undefined> {
  return fetch(url, { headers, signal: AbortSignal.timeout(3_000) }).catch(() => undefined);
}

async function read<T>(url: string, schema: z.ZodType<T>): Promise<T | undefined> {
  const answer = await get(url);
  if (!answer?.ok) return undefined;
  const value: unknown = await answer.json().catch(() => undefined);
  return schema.safeParse(value).data;
}

/** Current sessions of the frontend, from HAProxy's statistics. */
async function haproxyConnections(): Promise<number | undefined> {
  const csv = await ask(HAPROXY_STATS_SOCKET, 'show stat\n').catch(() => undefined);
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

function ask(socketPath: string, question: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(socketPath, () => socket.write(question));
    socket.setEncoding('utf8').setTimeout(3_000, () => socket.destroy(new Error('no answer within 3 s')));
    socket.on('data', (part: string) => {
      answer += part;
    });
    socket.once('error', reject).once('end', () => resolve(answer));
  });
}

async function unitStates(daemons: readonly Daemon[]): Promise<Observation['units']> {
  const shown = await execa('systemctl', ['show', '--property=Id,ActiveState', ...daemons], {
    reject: false,
    timeout: 3_000,
  });
  return shown.failed ? {} : parseUnitStates(shown.stdout);
}

/** Blocks of `Key=value` lines, one block a unit, an empty line between them. */
export function parseUnitStates(text: string): Observation['units'] {
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
