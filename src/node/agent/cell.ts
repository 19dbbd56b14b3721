import { CONFERENCES, conferences } from '../access/conferences.js';
import { serveAccess } from '../access/serve.js';
import type { Surroundings } from '../facts.js';
import { type CellSpec, standsAlone } from '../machine-spec.js';
import { discovery } from '../neighbours/discover.js';
import { daemons } from '../render/index.js';
import { serveAgentCheck } from './agent-check.js';
import { lookAtCell } from './collect.js';
import type { DrainRules } from './drain.js';
import { every } from './every.js';
import { cellFigures } from './figures.js';
import { beyondRepair, cellHealth } from './health.js';
import { jicofo } from './jicofo.js';
import { jicofoHealth } from './jicofo-health.js';
import { LEAVING_EVERY, type Leaver, leaving } from './leaving.js';
import { serveMoves } from './moves.js';
import { neighbours } from './neighbours.js';
import type { CellObservation } from './observation.js';
import type { Report } from './report.js';
import { type State, serve } from './server.js';
import { consider, NOTHING_SAID, wordFor } from './shard-word.js';
import { videobridge } from './videobridge.js';
import { LOOK_EVERY, watchOver } from './watch-over.js';

/** CloudWatch keeps one value a minute at the standard price. See {@link news} for what is told when it changes, too. */
const PUBLISH_EVERY = 60_000;

const RULES: DrainRules = {
  // Each edge asks every 2 s.
  heardAfter: 5_000,
  limit: 2 * 60 * 60_000,
  // A meeting lives in Prosody's memory.
  moves: false,
};

/** A cell: tells edges whether it takes rooms, moves people for bridges that leave, and leaves when its meetings are over. */
export async function runCell(
  spec: CellSpec,
  { instanceId, privateAddress }: Surroundings,
  report: Report,
): Promise<never> {
  const focus = jicofo();
  const opening = conferences(CONFERENCES);
  const jicofoIsAlive = jicofoHealth(opening);
  const bridge = spec.bridgeOnBoard ? videobridge() : undefined;
  const others = standsAlone(spec) ? undefined : await neighbours(spec, discovery(spec, instanceId));
  const running = daemons(spec);
  const considerHealth = watchOver(report);
  const lookAround = () => lookAtCell(spec.domain, running, focus, jicofoIsAlive, bridge);
  let seen: CellObservation = await lookAround();
  let saying = NOTHING_SAID;
  let state: State | undefined;
  let told: string | undefined;

  const leave = await leaving(
    cellLeaver(() => seen),
    report,
  );

  const look = async () => {
    seen = await lookAround();
    const health = cellHealth(seen);
    const why = leave.why();
    saying = consider(saying, wordFor(seen, health, why !== undefined), Date.now());
    const at = new Date().toISOString();
    const figures = cellFigures(seen, health);
    state = { at, health, figures, seen, neighbours: others?.known(), leaving: why };
    await considerHealth(health);
    if (news(seen) !== told) await publish();
  };
  const publish = async () => {
    told = news(seen);
    await report.publish(cellFigures(seen, cellHealth(seen)), new Date());
  };

  await serveAccess(spec, opening, jicofoIsAlive);
  await serve(() => state);
  if (spec.cells.length > 1) await serveAgentCheck(privateAddress, () => saying.word);
  if (others && !spec.bridgeOnBoard) await serveMoves(privateAddress, others.known, focus);
  return Promise.race([
    ...(others ? [others.watch()] : []),
    every(LOOK_EVERY, 'the look at this machine', look),
    every(LEAVING_EVERY, 'leaving', leave.round),
    every(PUBLISH_EVERY, 'figures were not published', publish),
  ]);
}

/** What is told as soon as it changes: how many bridges the shard can use, and whether it can hold meetings. */
const news = (seen: CellObservation): string =>
  `${seen.jicofo?.statistics?.operationalBridges} ${cellHealth(seen).shard.healthy}`;

/** It keeps the rooms that it has; that it gets no new ones is what its agent check says. */
function cellLeaver(seen: () => CellObservation): Leaver {
  return {
    rules: RULES,
    look: async (closed) => {
      const { jicofo, units } = seen();
      const gone = beyondRepair(units);
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
