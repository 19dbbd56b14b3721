import { readFile } from 'node:fs/promises';
import { STRESS_EVERY } from '../../capacity/metrics.js';
import type { Neighbour, Surroundings } from '../facts.js';
import type { BridgeSpec } from '../machine-spec.js';
import { discovery } from '../neighbours/discover.js';
import { BRIDGE_PASSWORD } from '../render/bridge-password.js';
import { daemons } from '../render/index.js';
import { mucClient } from '../render/muc-client.js';
import { lookAtBridge } from './collect.js';
import type { DrainRules } from './drain.js';
import { every } from './every.js';
import { bridgeFigures } from './figures.js';
import { bridgeHealth } from './health.js';
import { log, sentence } from './journal.js';
import { LEAVING_EVERY, type Leaver, leaving } from './leaving.js';
import { askToMove } from './moves.js';
import { type Cell, logins } from './muc-clients.js';
import { name, neighbours } from './neighbours.js';
import type { BridgeObservation } from './observation.js';
import type { Report } from './report.js';
import { type State, serve } from './server.js';
import { type Videobridge, videobridge } from './videobridge.js';
import { LOOK_EVERY, watchOver } from './watch-over.js';

/** A bridge that was restarted knows no cell, and is told within that. */
const LOGINS_EVERY = 1_000;

const RULES: DrainRules = {
  // Videobridge shows itself every 5 s: until then focuses put people here.
  heardAfter: 6_000,
  limit: 30 * 60_000,
  moves: true,
};

/** A machine with a bridge and nothing else: shows itself to all cells, says how full it is, and leaves only empty. */
export async function runBridge(
  spec: BridgeSpec,
  { instanceId }: Surroundings,
  report: Report,
): Promise<never> {
  const bridge = videobridge();
  const others = await neighbours(spec, discovery(spec, instanceId));
  const cells = () => others.known()?.filter((other): other is Cell => other.role === 'cell');
  const running = daemons(spec);
  const considerHealth = watchOver(report);
  const askAllToMove = movers(instanceId);
  let seen: BridgeObservation = { bridge: undefined, units: {} };
  let state: State | undefined;

  const leave = await leaving(
    bridgeLeaver(
      bridge,
      () => seen.units['jitsi-videobridge2'] === 'failed',
      () => askAllToMove(cells() ?? []),
    ),
    report,
  );
  await serve(() => state);

  const look = async () => {
    seen = await lookAtBridge(running, bridge);
    const health = bridgeHealth(seen, cells()?.length);
    const figures = bridgeFigures(seen, leave.why() !== undefined);
    const at = new Date().toISOString();
    state = { at, health, figures, seen, neighbours: others.known(), leaving: leave.why() };
    await considerHealth(health);
  };
  const publish = () => report.publish(bridgeFigures(seen, leave.why() !== undefined), new Date());
  const loginAt: LoginAt = async (hostname) =>
    mucClient(spec.domain, { hostname, password: await readPassword(), nickname: instanceId });
  const logIn = () => bringLogins(bridge, loginAt, others.known());

  await look();
  return Promise.race([
    others.watch(),
    every(LOGINS_EVERY, 'the logins at cells', logIn),
    every(LEAVING_EVERY, 'leaving', leave.round),
    every(LOOK_EVERY, 'the look at this machine', look),
    every(STRESS_EVERY * 1_000, 'figures were not published', publish),
  ]);
}

export function bridgeLeaver(bridge: Videobridge, dead: () => boolean, move: () => Promise<void>): Leaver {
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

/** What the bridge is told of a cell, by the address at which that is. */
export type LoginAt = (hostname: string) => Promise<Readonly<Record<string, string>>>;

/** Lets the bridge log in where it should be, and out where nobody is any more. */
export async function bringLogins(
  bridge: Videobridge,
  loginAt: LoginAt,
  known: readonly Neighbour[] | undefined,
): Promise<void> {
  const listed = await bridge.logins();
  // It is starting, or has ended: systemd sees to that.
  if (!listed) return;
  const { add, remove } = logins(known, listed);
  for (const { id, cell } of add) {
    log(`logging in at ${name(cell)}`);
    await bridge.logIn(id, await loginAt(cell.privateAddress));
  }
  for (const id of remove) {
    log(`logging out of ${id}`);
    await bridge.logOut(id);
  }
}

const readPassword = async (): Promise<string> => (await readFile(BRIDGE_PASSWORD, 'utf8')).trim();

/** Asks every cell to move the people of a bridge. Why one does not is told once, however often it is asked. */
function movers(instanceId: string): (cells: readonly Cell[]) => Promise<void> {
  const refusals = new Map<string, string>();
  const moves = (cell: Cell, people: number) => {
    refusals.delete(cell.instanceId);
    if (people > 0) log(`${name(cell)} moves ${people} people`);
  };
  const refuses = (cell: Cell, why: string) => {
    if (refusals.get(cell.instanceId) !== why) log(`${name(cell)} moves nobody: ${why}`);
    refusals.set(cell.instanceId, why);
  };
  return async (cells) => {
    await Promise.all(
      cells.map((cell) =>
        askToMove(cell, instanceId).then(
          (people) => moves(cell, people),
          (error: unknown) => refuses(cell, sentence(error)),
        ),
      ),
    );
  };
}
