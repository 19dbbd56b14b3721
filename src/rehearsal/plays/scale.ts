import { SCALING } from '../../capacity/scaling.js';
import { type DrillResult, watched } from '../../operations/drill/drill.js';
import type { MachineEvent } from '../../operations/drill/events.js';
import { figure, longestWithoutPlace, lostConnections } from '../../operations/drill/figures.js';
import { commonFigures } from '../../operations/drill/outcome.js';
import { PEOPLE, REPLACED_WITHIN_MS, type Scene } from '../../operations/drill/scene.js';
import { working } from '../../operations/drill/victim.js';
import { probeRoom } from '../../operations/probe/room-name.js';
import type { Stage } from './play.js';

/** What one participant stands for on an understudied bridge; see its settings. */
const STRESS_PER_PARTICIPANT = 0.01;

/** A little more than what the rule asks for, so that a bridge that rounds down still crosses it. */
const MARGIN = 1.1;

/** Seconds from the load being there to another bridge being launched. */
const DECIDED_LIMIT = 30;

/** Seconds that the one who stays may be without a place when bridges leave. */
const WITHOUT_PLACE_LIMIT = 5;

const BETWEEN_MEETINGS_MS = 3_000;

/** How long is waited for the decision, so that the figure is known where the limit is missed. */
const DECIDED_PATIENCE_MS = 180_000;

/**
 * Participants fill the bridges until another is wanted; it comes and takes meetings. When most have left, bridges leave
 * one after the other, and those who are still in a meeting notice no more than a change of bridge.
 */
export const scale = (stage: Stage): Promise<DrillResult> =>
  watched(stage, async (scene) => {
    const { bridges } = working(scene.machines.now);
    const wanted = (bridges.length * SCALING.out.average * MARGIN) / STRESS_PER_PARTICIPANT;
    const staying = await scene.openRooms([probeRoom()]);
    const rooms = Array.from({ length: Math.ceil(wanted / PEOPLE.alone) - 1 }, probeRoom);
    const broke = `fill ${bridges.length} bridges with ${(rooms.length + 1) * PEOPLE.alone} people`;
    await scene.breakIt(broke, async () => {
      await scene.fill(rooms);
    });
    const full = scene.say('the bridges are full');

    const known = new Set(bridges.map(({ id }) => id));
    const launched = () => scene.machines.events.find(({ what, id }) => what === 'bridge' && !known.has(id));
    await scene.stage('out', 'Wait for another bridge', () =>
      scene.until(DECIDED_PATIENCE_MS, () => launched() !== undefined),
    );
    const added = launched();
    const taken = await scene.stage('taken', 'Wait until it takes meetings', () =>
      firstMeeting(scene, known),
    );
    await scene.stage('leave', 'Let everybody leave but one meeting', () =>
      scene.audience.dismiss(new Set(rooms)),
    );
    const asBefore = await scene.asBefore([]);

    const measured = scene.measured([]);
    const { broken } = measured.seen;
    return {
      broke,
      victims: [],
      elsewhere: [],
      figures: [
        figure(
          'decided',
          'another bridge was launched, once they were full, after',
          added && Math.max(0, added.at - full) / 1_000,
          's',
          DECIDED_LIMIT,
        ),
        figure(
          'taken',
          'it had its first meeting after',
          taken && (taken - broken) / 1_000,
          's',
          REPLACED_WITHIN_MS / 1_000,
        ),
        figure(
          'dropped',
          'participants who lost their connection',
          lostConnections(measured, staying),
          '',
          0,
        ),
        figure(
          'without-place',
          'the longest that those who stayed were without a bridge',
          longestWithoutPlace(measured, staying),
          's',
          WITHOUT_PLACE_LIMIT,
        ),
        figure(
          'at-once',
          'most bridges that were leaving at the same time',
          leavingAtOnce(measured.seen.machines),
          '',
          1,
        ),
        ...commonFigures(scene, measured, asBefore),
      ],
    };
  });

/** Opens one meeting after another until one is on a bridge that was not known; when that was. */
async function firstMeeting(scene: Scene, known: ReadonlySet<string>): Promise<number | undefined> {
  const { clock } = scene.options.account;
  const deadline = clock.now().getTime() + REPLACED_WITHIN_MS;
  while (clock.now().getTime() < deadline) {
    const [room] = await scene.fill([probeRoom()]);
    const bridge = room && scene.bridgesOf(room).find(({ id }) => !known.has(id));
    if (bridge) return scene.say(`bridge ${bridge.id} has its first meeting`);
    // On an old one; it must not add to the load.
    if (room) await scene.audience.dismiss(new Set([room.name]));
    await clock.wait(BETWEEN_MEETINGS_MS, scene.options.signal);
  }
  return undefined;
}

/** The most bridges that were on their way out at one moment. */
export function leavingAtOnce(events: readonly MachineEvent[]): number {
  const leaving = new Set<string>();
  let most = 0;
  for (const { what, id, state } of events) {
    if (what === 'bridge' && state === 'leaving') leaving.add(id);
    else leaving.delete(id);
    most = Math.max(most, leaving.size);
  }
  return most;
}
