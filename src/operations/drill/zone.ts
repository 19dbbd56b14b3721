import { figure, usableAgain } from './figures.js';
import { duty } from './machine-watch.js';
import {
  commonFigures,
  type Fault,
  listed,
  type Outcome,
  PICTURES_PATIENCE_MS,
  pictureFigures,
} from './outcome.js';
import { unusable } from './room-states.js';
import { REPLACED_WITHIN_MS, type Scene } from './scene.js';
import { working, zoneToLose } from './victim.js';

/** Seconds in which every room must be usable again: that of a lost shard, and a bridge to be found anew after it. */
const AGAIN_LIMIT = 90;

/** Rooms on each shard. */
const ROOMS = 2;

/** Breaks every machine of one zone at the same moment: cells and bridges of the others carry on. */
export async function drillZone(scene: Scene, fault: Fault): Promise<Outcome> {
  const { cells, bridges } = working(scene.machines.now);
  const zone = zoneToLose(scene.machines.now);
  const victims = [...cells, ...bridges].filter((machine) => machine.zone === zone);
  // Browsers are in the first room, which has to be one that loses its shard.
  const ordered = new Set([...victims.filter(({ role }) => role === 'cell'), ...cells]);
  const rooms = await scene.openRooms(
    await scene.roomsOn(
      [...ordered].map(({ cell }) => cell),
      ROOMS,
    ),
  );

  const [first] = rooms;
  if (first) await scene.browsersIn(first.name);

  const broke = `${fault.verb} zone ${zone}: ${listed(victims.map(duty))}`;
  await scene.breakIt(broke, () => fault.bring(victims));
  const survivors = victims.length < cells.length + bridges.length;
  await scene.stage('again', 'Wait until every room can be used again', async () => {
    const usable = () => {
      const { seen, dead } = scene.measured(victims);
      return rooms.every((room) => unusable(room, seen, dead).every(({ to }) => to !== undefined));
    };
    // A client takes a while to notice; only from then on a room that looks usable is.
    await scene.until(AGAIN_LIMIT * 1_000, () => !usable());
    await scene.until(REPLACED_WITHIN_MS, usable);
  });
  await scene.picturesBack(PICTURES_PATIENCE_MS);
  if (survivors) for (const { name } of rooms) scene.newcomer(name);
  await scene.newcomersIn(AGAIN_LIMIT * 1_000);
  const asBefore = await scene.asBefore(fault.replaced ? victims : []);

  const measured = scene.measured(victims);
  return {
    broke,
    victims,
    elsewhere: [],
    figures: [
      figure(
        'rooms-again',
        'every room could be used again after',
        usableAgain(measured, rooms),
        's',
        survivors ? AGAIN_LIMIT : REPLACED_WITHIN_MS / 1_000,
      ),
      ...pictureFigures(scene, { longest: AGAIN_LIMIT, again: AGAIN_LIMIT }),
      ...commonFigures(scene, measured, asBefore),
    ],
  };
}
