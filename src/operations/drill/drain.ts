import { leaveGroup } from '../../cloud/faults.js';
import { openCalls } from './bridge.js';
import { figure, longestWithoutPlace, machinesWere, placedAnew } from './figures.js';
import { commonFigures, dropped, named, type Outcome, otherCalls, pictureFigures } from './outcome.js';
import { addresses, REPLACED_WITHIN_MS, type Scene } from './scene.js';

/** Seconds that anybody may be without a place on the way from one bridge to the next. */
const WITHOUT_PLACE_LIMIT = 5;

/** Seconds that a browser may see nothing while it changes to another bridge. */
const PICTURES_LIMIT = 3;

/** Seconds in which a bridge must be gone once its calls are on another. */
const GONE_LIMIT = 90;

/** Has a bridge with a call on it leave its group: it is emptied first, and nobody is thrown out. */
export async function drillDrain(scene: Scene): Promise<Outcome> {
  const { bridge, on, elsewhere } = await openCalls(scene);
  const placed = () => placedAnew(scene.measured([]), on, addresses([bridge]));
  const broke = `have ${named(bridge)} leave`;
  await scene.breakIt(broke, () => leaveGroup(scene.options.account, bridge.id));
  await scene.stage('empty', 'Wait until its calls are on another bridge', () =>
    scene.until(REPLACED_WITHIN_MS, () => placed() !== undefined),
  );
  await scene.stage('gone', 'Wait until it is gone', () =>
    scene.until(
      REPLACED_WITHIN_MS,
      () => machinesWere(scene.measured([]), [bridge.id], 'gone') !== undefined,
    ),
  );
  const asBefore = await scene.asBefore([bridge]);

  const measured = scene.measured([]);
  return {
    broke,
    victims: [],
    elsewhere,
    figures: [
      dropped(measured, [...on, ...elsewhere]),
      figure(
        'without-place',
        'the longest that anybody was without a bridge',
        longestWithoutPlace(measured, on),
        's',
        WITHOUT_PLACE_LIMIT,
      ),
      figure('empty', 'its calls were on another bridge after', placed(), 's', REPLACED_WITHIN_MS / 1_000),
      figure('gone', 'it was gone after', machinesWere(measured, [bridge.id], 'gone'), 's', GONE_LIMIT),
      otherCalls(measured, elsewhere),
      ...pictureFigures(scene, { longest: PICTURES_LIMIT, reloads: 0 }),
      ...commonFigures(scene, measured, asBefore),
    ],
  };
}
