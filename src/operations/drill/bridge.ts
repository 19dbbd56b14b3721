import type { Machine } from '../../cloud/machines.js';
import { probeRoom } from '../probe/room-name.js';
import type { DrillRun } from './drill-run.js';
import { addresses } from './machine-states.js';
import { measurement, placedAgain, usableAgain } from './measurements.js';
import {
  commonMeasurements,
  dropped,
  type Fault,
  named,
  type Outcome,
  otherCalls,
  PICTURES_PATIENCE_MS,
  videoMeasurements,
} from './outcome.js';
import { isUsable, type WatchedRoom } from './room-states.js';
import { working } from './selection.js';

/** Limit in seconds until all participants have an endpoint on another bridge. */
const PLACED_LIMIT = 30;

/** Limit in seconds until browsers see each other again. Jicofo notices a bridge without power only by its missing answers. */
const PICTURES = { killed: 10, withoutPower: 15 } as const;

/** Timeout in milliseconds. Longer than the limit, so that a missed limit is measured too. */
const PLACED_PATIENCE_MS = 180_000;

/**
 * Number of rooms. With several, one is likely to be on another bridge, since Jicofo selects the least loaded one. Fewer
 * with browsers, which need the processor.
 */
const ROOMS = { people: 3, browsers: 2 } as const;

/** A call on a known bridge, other rooms with participants on it, and rooms on other bridges. */
export interface Calls {
  readonly bridge: Machine;
  readonly on: readonly WatchedRoom[];
  readonly elsewhere: readonly WatchedRoom[];
}

/**
 * Opens rooms and determines the bridge of the first one. With browsers, it is the bridge of their call, which is in the first
 * room too.
 */
export async function openCalls(run: DrillRun): Promise<Calls> {
  const rooms = [...(await run.openRooms([probeRoom()]))];
  const [first] = rooms;
  const browsers = first && (await run.browsersIn(first.name));
  // One after another, because a bridge reports its load only every few seconds.
  while (rooms.length < ROOMS[browsers ? 'browsers' : 'people'])
    rooms.push(...(await run.openRooms([probeRoom()])));
  const bridge =
    (browsers && run.machineAt(await browsers.bridgeAddresses())) ?? (first && run.bridgesOf(first)[0]);
  if (!bridge)
    throw new Error('the focus offered a place at an address that no machine of the deployment has');
  const there = (room: WatchedRoom) => run.bridgesOf(room).some(({ id }) => id === bridge.id);
  return { bridge, on: rooms.filter(there), elsewhere: rooms.filter((room) => !there(room)) };
}

/** Breaks a bridge with a call: all participants get an endpoint on another bridge, and no connection is lost. */
export async function drillBridge(run: DrillRun, fault: Fault): Promise<Outcome> {
  const { bridge, on, elsewhere } = await openCalls(run);
  const others = working(run.machines.now).bridges.length > 1;
  const placed = () => placedAgain(run.measured([bridge]), on, addresses([bridge]));
  const broke = `${fault.verb} ${named(bridge)}`;
  await run.breakIt(broke, () => fault.bring([bridge]));
  await run.stage('again', 'Wait until everybody has a place on a bridge again', async () => {
    await run.until(PLACED_PATIENCE_MS, () => placed() !== undefined);
    await run.until(PLACED_PATIENCE_MS, () =>
      on.every((room) => isUsable(room, run.pool.participants, new Set())),
    );
  });
  await run.picturesBack(PICTURES_PATIENCE_MS);
  if (others) for (const { name } of on) run.newcomer(name);
  await run.newcomersIn(PLACED_LIMIT * 1_000);
  const asBefore = await run.asBefore(fault.replaced ? [bridge] : []);

  const measured = run.measured([bridge]);
  const pictures = fault.replaced ? PICTURES.withoutPower : PICTURES.killed;
  return {
    broke,
    victims: [bridge],
    elsewhere,
    measurements: [
      measurement(
        'placed-again',
        'all participants were on another bridge after',
        placed(),
        's',
        PLACED_LIMIT,
      ),
      measurement(
        'calls-again',
        'their rooms were usable again after',
        usableAgain(measured, on),
        's',
        PLACED_LIMIT,
      ),
      dropped(measured, [...on, ...elsewhere]),
      otherCalls(measured, elsewhere),
      ...videoMeasurements(run, { longest: pictures, again: pictures, reloads: 0 }),
      ...commonMeasurements(run, measured, asBefore),
    ],
  };
}
