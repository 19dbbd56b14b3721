import { SCALING } from '../../capacity/scaling.js';
import { type DrillResult, watched } from '../../operations/drill/drill.js';
import { type DrillRun, REPLACED_WITHIN_MS } from '../../operations/drill/drill-run.js';
import type { MachineEvent } from '../../operations/drill/events.js';
import { measurement } from '../../operations/drill/measurements.js';
import { commonMeasurements, dropped, withoutPlace } from '../../operations/drill/outcome.js';
import { PEOPLE } from '../../operations/drill/rooms.js';
import { working } from '../../operations/drill/selection.js';
import { probeRoom } from '../../operations/probe/room-name.js';
import type { ScenarioContext } from './context.js';

/** Stress of one participant on a bridge with fakes; see its settings. */
const STRESS_PER_PARTICIPANT = 0.01;

/** Slightly above the threshold, so that a bridge that rounds down still crosses it. */
const MARGIN = 1.1;

/** Seconds from full load to the launch of another bridge. */
const DECIDED_LIMIT = 30;

const BETWEEN_MEETINGS_MS = 3_000;

/** Timeout for the launch, longer than the limit, so that a late launch is still measured. */
const DECIDED_PATIENCE_MS = 180_000;

/**
 * Participants fill the bridges until another one is launched and takes meetings. When most have left, bridges are
 * removed one by one, and the remaining participants notice only a change of bridge.
 */
export const scale = (context: ScenarioContext): Promise<DrillResult> =>
  watched(context, async (run) => {
    const { bridges } = working(run.machines.now);
    const wanted = (bridges.length * SCALING.out.average * MARGIN) / STRESS_PER_PARTICIPANT;
    const staying = await run.openRooms([probeRoom()]);
    const rooms = Array.from({ length: Math.ceil(wanted / PEOPLE.alone) - 1 }, probeRoom);
    const broke = `fill ${bridges.length} bridges with ${(rooms.length + 1) * PEOPLE.alone} people`;
    await run.breakIt(broke, async () => {
      await run.fill(rooms);
    });
    const full = run.say('the bridges are full');

    const known = new Set(bridges.map(({ id }) => id));
    const launched = () => run.machines.events.find(({ what, id }) => what === 'bridge' && !known.has(id));
    await run.stage('out', 'Wait for another bridge', () =>
      run.until(DECIDED_PATIENCE_MS, () => launched() !== undefined),
    );
    const added = launched();
    const taken = await run.stage('taken', 'Wait until it takes meetings', () => firstMeeting(run, known));
    await run.stage('leave', 'Let everybody leave but one meeting', () => run.pool.dismiss(new Set(rooms)));
    const asBefore = await run.asBefore([]);

    const measured = run.measured([]);
    const { broken } = measured.seen;
    return {
      broke,
      victims: [],
      elsewhere: [],
      measurements: [
        measurement(
          'decided',
          'another bridge was launched, once they were full, after',
          added && Math.max(0, added.at - full) / 1_000,
          's',
          DECIDED_LIMIT,
        ),
        measurement(
          'taken',
          'it had its first meeting after',
          taken && (taken - broken) / 1_000,
          's',
          REPLACED_WITHIN_MS / 1_000,
        ),
        dropped(measured, staying),
        withoutPlace(measured, staying),
        measurement(
          'at-once',
          'most bridges that were leaving at the same time',
          leavingAtOnce(measured.seen.machines),
          '',
          1,
        ),
        ...commonMeasurements(run, measured, asBefore),
      ],
    };
  });

/** Opens meetings until one is on a new bridge; returns when that was. */
async function firstMeeting(run: DrillRun, known: ReadonlySet<string>): Promise<number | undefined> {
  const { clock } = run.options.account;
  const deadline = clock.now().getTime() + REPLACED_WITHIN_MS;
  while (clock.now().getTime() < deadline) {
    const [room] = await run.fill([probeRoom()]);
    const bridge = room && run.bridgesOf(room).find(({ id }) => !known.has(id));
    if (bridge) return run.say(`bridge ${bridge.id} has its first meeting`);
    // On an existing bridge; it must not add to the load.
    if (room) await run.pool.dismiss(new Set([room.name]));
    await clock.wait(BETWEEN_MEETINGS_MS, run.options.signal);
  }
  return undefined;
}

/** The maximum number of bridges that were terminating at the same time. */
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
