import { type DrillRun, REPLACED_WITHIN_MS } from './drill-run.js';
import { describeMachine } from './machine-states.js';
import { measurement, usableAgain } from './measurements.js';
import {
  commonMeasurements,
  type Fault,
  listed,
  type Outcome,
  PICTURES_PATIENCE_MS,
  videoMeasurements,
} from './outcome.js';
import { unusable } from './room-states.js';
import { working, zoneToFail } from './selection.js';

/** Limit in seconds until every room is usable again: that of a lost shard, plus finding another bridge. */
const AGAIN_LIMIT = 90;

/** Rooms on each shard. */
const ROOMS = 2;

/** Breaks every machine of one zone at the same moment. Shards and bridges of the other zones keep running. */
export async function drillZone(run: DrillRun, fault: Fault): Promise<Outcome> {
  const { shards, bridges } = working(run.machines.now);
  const zone = zoneToFail(run.machines.now);
  const victims = [...shards, ...bridges].filter((machine) => machine.zone === zone);
  // Browsers are in the first room, which has to be one that loses its shard.
  const ordered = new Set([...victims.filter(({ role }) => role === 'shard'), ...shards]);
  const rooms = await run.openRooms(
    await run.roomsOn(
      [...ordered].map(({ shard }) => shard),
      ROOMS,
    ),
  );

  const [first] = rooms;
  if (first) await run.browsersIn(first.name);

  const broke = `${fault.verb} zone ${zone}: ${listed(victims.map(describeMachine))}`;
  await run.breakIt(broke, () => fault.bring(victims));
  const survivors = victims.length < shards.length + bridges.length;
  await run.stage('again', 'Wait until every room can be used again', async () => {
    const usable = () => {
      const { seen, dead } = run.measured(victims);
      return rooms.every((room) => unusable(room, seen, dead).every(({ to }) => to !== undefined));
    };
    // A client takes a while to notice; only from then on a room that looks usable is.
    await run.until(AGAIN_LIMIT * 1_000, () => !usable());
    await run.until(REPLACED_WITHIN_MS, usable);
  });
  await run.picturesBack(PICTURES_PATIENCE_MS);
  if (survivors) for (const { name } of rooms) run.newcomer(name);
  await run.newcomersIn(AGAIN_LIMIT * 1_000);
  const asBefore = await run.asBefore(fault.replaced ? victims : []);

  const measured = run.measured(victims);
  return {
    broke,
    victims,
    elsewhere: [],
    measurements: [
      measurement(
        'rooms-again',
        'all rooms were usable again after',
        usableAgain(measured, rooms),
        's',
        survivors ? AGAIN_LIMIT : REPLACED_WITHIN_MS / 1_000,
      ),
      ...videoMeasurements(run, { longest: AGAIN_LIMIT, again: AGAIN_LIMIT }),
      ...commonMeasurements(run, measured, asBefore),
    ],
  };
}
