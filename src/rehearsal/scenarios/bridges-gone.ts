import { openCalls } from '../../operations/drill/bridge.js';
import { type DrillResult, powerCut, watched } from '../../operations/drill/drill.js';
import { REPLACED_WITHIN_MS } from '../../operations/drill/drill-run.js';
import { addresses } from '../../operations/drill/machine-states.js';
import {
  lostConnections,
  measurement,
  placedAgain,
  replacedAt,
} from '../../operations/drill/measurements.js';
import { commonMeasurements } from '../../operations/drill/outcome.js';
import { working } from '../../operations/drill/selection.js';
import type { ScenarioContext } from './context.js';

/**
 * Seconds from the first bridge's return until all calls use it. It is provisioned and logs in while TCP connections
 * to the dead bridges time out; then Jicofo invites all participants again.
 */
const AFTER_RETURN_LIMIT = 20;

/**
 * All bridges lose power at once. Shards must not be replaced because of that, and calls must continue on the
 * first bridge that returns.
 */
export const bridgesGone = (context: ScenarioContext): Promise<DrillResult> =>
  watched(context, async (run) => {
    const { on, elsewhere } = await openCalls(run);
    const { bridges, shards } = working(run.machines.now);
    const broke = `cut the power of all ${bridges.length} bridges`;
    await run.breakIt(broke, () => powerCut(context.account).bring(bridges));
    const calls = [...on, ...elsewhere];
    const placed = () => placedAgain(run.measured(bridges), calls, addresses(bridges));
    await run.stage('again', 'Wait until a bridge returns, and calls with it', () =>
      run.until(REPLACED_WITHIN_MS, () => placed() !== undefined),
    );
    const asBefore = await run.asBefore(bridges);

    const measured = run.measured(bridges);
    const { broken } = measured.seen;
    const returned = replacedAt(measured, 'bridge');
    const again = placed();
    const replaced = shards.filter(({ id }) => !run.machines.has(id)).length;
    return {
      broke,
      victims: bridges,
      elsewhere: [],
      measurements: [
        measurement('shards-replaced', 'shards that were replaced for it', replaced, '', 0),
        measurement(
          'dropped',
          'participants who lost their connection',
          lostConnections(measured, calls),
          '',
          0,
        ),
        measurement(
          'returned',
          'the first bridge was in service again after',
          returned && (returned - broken) / 1_000,
          's',
        ),
        measurement('calls-again', 'every call had a bridge again after', again, 's'),
        measurement(
          'after-return',
          'from the first bridge’s return',
          again !== undefined && returned !== undefined ? again - (returned - broken) / 1_000 : undefined,
          's',
          AFTER_RETURN_LIMIT,
        ),
        ...commonMeasurements(run, measured, asBefore),
      ],
    };
  });
