import { leaveGroup } from '../../cloud/faults.js';
import { openCalls } from './bridge.js';
import { addresses, type DrillRun, REPLACED_WITHIN_MS } from './drill-run.js';
import { longestWithoutPlace, machinesWere, measurement, placedAnew } from './measurements.js';
import {
  commonMeasurements,
  dropped,
  named,
  type Outcome,
  otherCalls,
  videoMeasurements,
} from './outcome.js';

/** Seconds that anybody may be without a place on the way from one bridge to the next. */
const WITHOUT_PLACE_LIMIT = 5;

/** Seconds that a browser may see nothing while it changes to another bridge. */
const PICTURES_LIMIT = 3;

/** Seconds in which a bridge must be gone once its calls are on another. */
const GONE_LIMIT = 90;

/** Has a bridge with a call on it leave its group: it is emptied first, and nobody is thrown out. */
export async function drillDrain(run: DrillRun): Promise<Outcome> {
  const { bridge, on, elsewhere } = await openCalls(run);
  const placed = () => placedAnew(run.measured([]), on, addresses([bridge]));
  const broke = `have ${named(bridge)} leave`;
  await run.breakIt(broke, () => leaveGroup(run.options.account, bridge.id));
  await run.stage('empty', 'Wait until its calls are on another bridge', () =>
    run.until(REPLACED_WITHIN_MS, () => placed() !== undefined),
  );
  await run.stage('gone', 'Wait until it is gone', () =>
    run.until(REPLACED_WITHIN_MS, () => machinesWere(run.measured([]), [bridge.id], 'gone') !== undefined),
  );
  const asBefore = await run.asBefore([bridge]);

  const measured = run.measured([]);
  return {
    broke,
    victims: [],
    elsewhere,
    measurements: [
      dropped(measured, [...on, ...elsewhere]),
      measurement(
        'without-place',
        'longest time of a participant without a bridge',
        longestWithoutPlace(measured, on),
        's',
        WITHOUT_PLACE_LIMIT,
      ),
      measurement(
        'empty',
        'its calls were on other bridges after',
        placed(),
        's',
        REPLACED_WITHIN_MS / 1_000,
      ),
      measurement('gone', 'it was gone after', machinesWere(measured, [bridge.id], 'gone'), 's', GONE_LIMIT),
      otherCalls(measured, elsewhere),
      ...videoMeasurements(run, { longest: PICTURES_LIMIT, reloads: 0 }),
      ...commonMeasurements(run, measured, asBefore),
    ],
  };
}
