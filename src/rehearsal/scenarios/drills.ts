import { type DrillResult, drill, processKill } from '../../operations/drill/drill.js';
import type { DrillName } from '../../operations/drill/selection.js';
import type { ScenarioContext } from './context.js';

/** A drill as a person would do it. */
export const runDrill =
  (name: DrillName) =>
  (context: ScenarioContext): Promise<DrillResult> =>
    drill({ ...context, drill: name });

/** The process alone dies, and systemd starts it again: the machine stays. */
export const runKill =
  (name: DrillName) =>
  (context: ScenarioContext): Promise<DrillResult> =>
    drill({ ...context, drill: name, fault: processKill(context.account) });

/** A shard is lost and returns while people come to two hundred rooms before, meanwhile and after it. */
export const shardReturns = (context: ScenarioContext): Promise<DrillResult> =>
  drill({ ...context, drill: 'shard', crowd: { asked: 180, joined: 20 } });
