import { openCalls } from '../../operations/drill/bridge.js';
import { type DrillResult, powerCut, watched } from '../../operations/drill/drill.js';
import { figure, lostConnections, placedAnew, replacedAt } from '../../operations/drill/figures.js';
import { commonFigures } from '../../operations/drill/outcome.js';
import { addresses, REPLACED_WITHIN_MS } from '../../operations/drill/scene.js';
import { working } from '../../operations/drill/victim.js';
import type { Stage } from './play.js';

/**
 * Seconds from the first bridge's return to calls on it. It is provisioned and logs in, while TCP gives the dead ones up;
 * then the focus invites everybody anew.
 */
const AFTER_RETURN_LIMIT = 20;

/** All bridges lose their power at once. Cells must not be replaced for that, and calls must be back with the first bridge. */
export const bridgesGone = (stage: Stage): Promise<DrillResult> =>
  watched(stage, async (scene) => {
    const { on, elsewhere } = await openCalls(scene);
    const { bridges, cells } = working(scene.machines.now);
    const broke = `cut the power of all ${bridges.length} bridges`;
    await scene.breakIt(broke, () => powerCut(stage.account).bring(bridges));
    const calls = [...on, ...elsewhere];
    const placed = () => placedAnew(scene.measured(bridges), calls, addresses(bridges));
    await scene.stage('again', 'Wait until a bridge returns, and calls with it', () =>
      scene.until(REPLACED_WITHIN_MS, () => placed() !== undefined),
    );
    const asBefore = await scene.asBefore(bridges);

    const measured = scene.measured(bridges);
    const { broken } = measured.seen;
    const returned = replacedAt(measured, 'bridge');
    const again = placed();
    const replaced = cells.filter(({ id }) => !scene.machines.has(id)).length;
    return {
      broke,
      victims: bridges,
      elsewhere: [],
      figures: [
        figure('cells-replaced', 'cells that were replaced for it', replaced, '', 0),
        figure('dropped', 'participants who lost their connection', lostConnections(measured, calls), '', 0),
        figure(
          'returned',
          'the first bridge was in service again after',
          returned && (returned - broken) / 1_000,
          's',
        ),
        figure('calls-again', 'every call had a bridge again after', again, 's'),
        figure(
          'after-return',
          'from the first bridge’s return',
          again !== undefined && returned !== undefined ? again - (returned - broken) / 1_000 : undefined,
          's',
          AFTER_RETURN_LIMIT,
        ),
        ...commonFigures(scene, measured, asBefore),
      ],
    };
  });
