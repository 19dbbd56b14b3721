import type { Machine } from '../../cloud/machines.js';
import { probeRoom } from '../probe/room-name.js';
import { figure, placedAnew, usableAgain } from './figures.js';
import {
  commonFigures,
  dropped,
  type Fault,
  named,
  type Outcome,
  otherCalls,
  PICTURES_PATIENCE_MS,
  pictureFigures,
} from './outcome.js';
import { isUsable, type WatchedRoom } from './room-states.js';
import { addresses, type Scene } from './scene.js';
import { working } from './victim.js';

/** Seconds in which everybody must have a place on another bridge. */
const PLACED_LIMIT = 30;

/** Seconds in which browsers must see each other again: nobody says that a bridge without power is gone. */
const PICTURES = { killed: 10, withoutPower: 15 } as const;

/** Milliseconds that is waited for it; longer than the limit, so that the figure is known where it is missed. */
const PLACED_PATIENCE_MS = 180_000;

/**
 * So many rooms are opened, so that one is likely to be on another bridge: the focus puts each on the emptiest. Fewer where
 * there are browsers, which all the others take from the processor that they need.
 */
const ROOMS = { people: 3, browsers: 2 } as const;

/** A call whose bridge is known, with others that have people there, and calls on other bridges. */
export interface Calls {
  readonly bridge: Machine;
  readonly on: readonly WatchedRoom[];
  readonly elsewhere: readonly WatchedRoom[];
}

/**
 * Opens rooms and finds out which bridge carries the first; where there are browsers, the one that carries their call,
 * which is in the first room too.
 */
export async function openCalls(scene: Scene): Promise<Calls> {
  const rooms = [...(await scene.openRooms([probeRoom()]))];
  const [first] = rooms;
  const browsers = first && (await scene.browsersIn(first.name));
  // One after another: a bridge tells how full it is only every few seconds.
  while (rooms.length < ROOMS[browsers ? 'browsers' : 'people'])
    rooms.push(...(await scene.openRooms([probeRoom()])));
  const bridge =
    (browsers && scene.machineAt(await browsers.bridgeAddresses())) ?? (first && scene.bridgesOf(first)[0]);
  if (!bridge)
    throw new Error('the focus offered a place at an address that no machine of the deployment has');
  const there = (room: WatchedRoom) => scene.bridgesOf(room).some(({ id }) => id === bridge.id);
  return { bridge, on: rooms.filter(there), elsewhere: rooms.filter((room) => !there(room)) };
}

/** Breaks a bridge that carries a call: everybody gets a place on another one, and nobody is thrown out. */
export async function drillBridge(scene: Scene, fault: Fault): Promise<Outcome> {
  const { bridge, on, elsewhere } = await openCalls(scene);
  const others = working(scene.machines.now).bridges.length > 1;
  const placed = () => placedAnew(scene.measured([bridge]), on, addresses([bridge]));
  const broke = `${fault.verb} ${named(bridge)}`;
  await scene.breakIt(broke, () => fault.bring([bridge]));
  await scene.stage('again', 'Wait until everybody has a place on a bridge again', async () => {
    await scene.until(PLACED_PATIENCE_MS, () => placed() !== undefined);
    await scene.until(PLACED_PATIENCE_MS, () =>
      on.every((room) => isUsable(room, scene.audience.participants, new Set())),
    );
  });
  await scene.picturesBack(PICTURES_PATIENCE_MS);
  if (others) for (const { name } of on) scene.newcomer(name);
  await scene.newcomersIn(PLACED_LIMIT * 1_000);
  const asBefore = await scene.asBefore(fault.replaced ? [bridge] : []);

  const measured = scene.measured([bridge]);
  const pictures = fault.replaced ? PICTURES.withoutPower : PICTURES.killed;
  return {
    broke,
    victims: [bridge],
    elsewhere,
    figures: [
      figure('placed-again', 'everybody had a place on another bridge after', placed(), 's', PLACED_LIMIT),
      figure(
        'calls-again',
        'their rooms could be used again after',
        usableAgain(measured, on),
        's',
        PLACED_LIMIT,
      ),
      dropped(measured, [...on, ...elsewhere]),
      otherCalls(measured, elsewhere),
      ...pictureFigures(scene, { longest: pictures, again: pictures, reloads: 0 }),
      ...commonFigures(scene, measured, asBefore),
    ],
  };
}
