import { type DrillResult, drill, processKill } from '../../operations/drill/drill.js';
import type { DrillName } from '../../operations/drill/selection.js';
import type { ScenarioContext } from './context.js';

/** A drill as a user runs it. */
export const runDrill =
  (name: DrillName) =>
  (context: ScenarioContext): Promise<DrillResult> =>
    drill({ ...context, drill: name });

/** Only the process is killed, and systemd restarts it: the machine stays. */
export const runKill =
  (name: DrillName) =>
  (context: ScenarioContext): Promise<DrillResult> =>
    drill({ ...context, drill: name, fault: processKill(context.account) });

/** A shard fails and returns while participants join two hundred rooms before, during and after the failure. */
export const shardReturns = (context: ScenarioContext): Promise<DrillResult> =>
  drill({ ...context, drill: 'shard', crowd: { asked: 180, joined: 20 } });
