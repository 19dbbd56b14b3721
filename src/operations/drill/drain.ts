import { leaveGroup } from '../../cloud/faults.js';
import { openCalls } from './bridge.js';
import { type DrillRun, REPLACED_WITHIN_MS } from './drill-run.js';
import { addresses } from './machine-states.js';
import { machinesWere, measurement, placedAgain } from './measurements.js';
import {
  commonMeasurements,
  dropped,
  named,
  type Outcome,
  otherCalls,
  videoMeasurements,
  withoutPlace,
} from './outcome.js';

/** Limit in seconds that a browser may see nothing during the change of bridges. */
const PICTURES_LIMIT = 3;

/** Limit in seconds until a bridge is terminated after its calls have moved. */
const GONE_LIMIT = 90;

/** Removes a bridge with a call from its group. It is drained first, and no connection is lost. */
export async function drillDrain(run: DrillRun): Promise<Outcome> {
  const { bridge, on, elsewhere } = await openCalls(run);
  const placed = () => placedAgain(run.measured([]), on, addresses([bridge]));
  const broke = `have ${named(bridge)} leave`;
  await run.breakIt(broke, () => leaveGroup(run.options.account, bridge.id));
  await run.stage('empty', 'Wait until its calls are on another bridge', () =>
    run.until(REPLACED_WITHIN_MS, () => placed() !== undefined),
  );
  await run.stage('gone', 'Wait until it is terminated', () =>
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
      withoutPlace(measured, on),
      measurement(
        'empty',
        'its calls were on other bridges after',
        placed(),
        's',
        REPLACED_WITHIN_MS / 1_000,
      ),
      measurement(
        'gone',
        'it was terminated after',
        machinesWere(measured, [bridge.id], 'gone'),
        's',
        GONE_LIMIT,
      ),
      otherCalls(measured, elsewhere),
      ...videoMeasurements(run, { longest: PICTURES_LIMIT, reloads: 0 }),
      ...commonMeasurements(run, measured, asBefore),
    ],
  };
}
