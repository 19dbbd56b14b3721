import type { Machine } from '../../cloud/machines.js';
import { type DrillResult, drill } from '../../operations/drill/drill.js';
import type { Fault } from '../../operations/drill/outcome.js';
import type { DrillName } from '../../operations/drill/victim.js';
import type { Stage } from './play.js';

/** A drill as a person would do it. */
export const play =
  (name: DrillName) =>
  (stage: Stage): Promise<DrillResult> =>
    drill({ ...stage, drill: name });

/** The process alone dies, and systemd starts it again: the machine stays. */
const killProcess = (stage: Stage, unit: string, named: string): Fault => ({
  verb: `kill ${named} on`,
  replaced: false,
  bring: async (machines: readonly Machine[]) => {
    await Promise.all(machines.map(({ id }) => stage.killProcess(id, unit)));
  },
});

export const shardProcess = (stage: Stage): Promise<DrillResult> =>
  drill({ ...stage, drill: 'shard', fault: killProcess(stage, 'prosody', 'Prosody') });

export const bridgeProcess = (stage: Stage): Promise<DrillResult> =>
  drill({ ...stage, drill: 'bridge', fault: killProcess(stage, 'jitsi-videobridge2', 'Videobridge') });

/** A shard is lost and returns while people come to two hundred rooms before, meanwhile and after it. */
export const shardReturns = (stage: Stage): Promise<DrillResult> =>
  drill({ ...stage, drill: 'shard', crowd: { asked: 180, joined: 20 } });
