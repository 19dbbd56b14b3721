import type { Size } from '../../config/deployment.js';
import { ConvokeError } from '../../config/errors.js';
import type { DrillResult } from '../../operations/drill/drill.js';
import { bridgesGone } from './bridges-gone.js';
import { play, playKill, shardReturns } from './drills.js';
import type { Record, Stage } from './play.js';
import { scale } from './scale.js';

export type PlayName = keyof typeof PLAYS;

/** What can be played with a deployment of several machines, each on one that is whole. */
const PLAYS = {
  shard: { title: 'A shard loses its power', play: play('shard') },
  'shard-process': { title: 'A shard’s Prosody is killed', play: playKill('shard') },
  'shard-returns': { title: 'A shard is lost and returns, with two hundred rooms', play: shardReturns },
  bridge: { title: 'A bridge with a call loses its power', play: play('bridge') },
  'bridge-process': { title: 'A bridge’s process is killed', play: playKill('bridge') },
  'bridges-gone': { title: 'All bridges lose their power', play: bridgesGone },
  zone: { title: 'A zone loses its power', play: play('zone') },
  drain: { title: 'A bridge with a call is drained', play: play('drain') },
  scale: { title: 'Bridges come and go with the load', play: scale },
} satisfies { [name: string]: { title: string; play: (stage: Stage) => Promise<DrillResult> } };

/** What is played where nothing else is asked for: at size solo only what `playSolo` does. */
export const DEFAULT_PLAYS: Readonly<{ [size in Size]: readonly PlayName[] }> = {
  solo: [],
  team: ['shard', 'bridge', 'drain'],
  fleet: ['shard', 'bridge', 'zone', 'drain'],
};

export const PLAY_NAMES = Object.keys(PLAYS) as readonly PlayName[];

export const isPlay = (name: string): name is PlayName => Object.hasOwn(PLAYS, name);

/** One play after another. One that goes wrong does not keep the next from being played; the first failure is thrown in the end. */
export async function playAll(stage: Stage, record: Record, names: readonly PlayName[]): Promise<void> {
  let failure: unknown;
  for (const name of names) {
    stage.signal.throwIfAborted();
    await playOne(stage, record, name).catch((error: unknown) => {
      failure ??= error;
    });
  }
  if (failure !== undefined) throw failure;
}

async function playOne(stage: Stage, record: Record, name: PlayName): Promise<void> {
  const { title, play: perform } = PLAYS[name];
  await record.step(name, title, async (note) => {
    const { understudied, ...result } = await perform(stage);
    record.plays.push({ name, title, ...result });
    record.understudied ||= understudied;
    const missed = result.figures.filter(({ ok }) => !ok);
    if (missed.length > 0) {
      throw new ConvokeError('PlayFailed', {
        what: `${title}: ${missed.length === 1 ? 'one figure is' : `${missed.length} figures are`} beyond the limit.`,
        why: missed
          .map(
            ({ name: of, value, unit, limit }) =>
              `${of} ${value ?? 'never'}${unit && ` ${unit}`} (at most ${limit})`,
          )
          .join('; '),
        now: 'The report shows what happened when.',
      });
    }
    note(
      result.figures
        .filter(({ limit, value, unit }) => limit !== undefined && unit === 's' && value !== undefined)
        .slice(0, 2)
        .map(({ name: of, value }) => `${of} ${value?.toFixed(1)} s`)
        .join('; '),
    );
  });
}
