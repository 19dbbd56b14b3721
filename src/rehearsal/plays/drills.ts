import { type DrillResult, drill, processKill } from '../../operations/drill/drill.js';
import type { DrillName } from '../../operations/drill/victim.js';
import type { Stage } from './play.js';

/** A drill as a person would do it. */
export const play =
  (name: DrillName) =>
  (stage: Stage): Promise<DrillResult> =>
    drill({ ...stage, drill: name });

/** The process alone dies, and systemd starts it again: the machine stays. */
export const playKill =
  (name: DrillName) =>
  (stage: Stage): Promise<DrillResult> =>
    drill({ ...stage, drill: name, fault: processKill(stage.account) });

/** A shard is lost and returns while people come to two hundred rooms before, meanwhile and after it. */
export const shardReturns = (stage: Stage): Promise<DrillResult> =>
  drill({ ...stage, drill: 'shard', crowd: { asked: 180, joined: 20 } });
