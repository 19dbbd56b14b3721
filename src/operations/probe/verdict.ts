import type { Reception, StatsSample } from './webrtc-stats.js';

/** Media of a meeting that one browser received. */
export interface BrowserParticipant extends Reception, Pick<StatsSample, 'dataChannel'> {
  readonly name: string;
  /** Seconds from opening the page to being in the room. */
  readonly joined: number;
  /** Seconds from opening the page to the first video of another participant; undefined if there was none. */
  readonly firstFrame: number | undefined;
  /** The shard of the room; empty if responses did not name it. */
  readonly shard: string;
  /** Number of other participants with a microphone. */
  readonly speaking: number;
  /** Addresses of the bridges to which it sends media. */
  readonly bridges: readonly string[];
  /** Whether it decoded the shared screen of another; undefined for the one that shares it, and if sharing failed. */
  readonly screen: boolean | undefined;
  /** Whether it received the message of another; undefined for the sender, and if its chat did not open. */
  readonly message: boolean | undefined;
}

/** A bridge forwards only the three loudest, so with more than three not all can be heard. */
const LOUDEST = 3;

/** Missing media of each participant, in sentences with their names; empty if nothing is missing. */
export function problems(participants: readonly BrowserParticipant[]): string[] {
  const others = participants.length - 1;
  const shards = new Set(participants.map(({ shard }) => shard).filter(Boolean));
  return [
    ...(shards.size > 1 ? [`The room is split over the shards ${[...shards].sort().join(' and ')}.`] : []),
    ...participants.flatMap(({ name, videos, heard, speaking, screen, message }) => {
      const audible = speaking <= LOUDEST ? speaking : 1;
      const cameras = videos.filter((video) => !video.screen).length;
      return [
        ...(cameras < others ? [`${name} decodes ${cameras} of ${others} videos.`] : []),
        ...(heard < audible ? [`${name} hears ${heard} of ${speaking}.`] : []),
        ...(screen === false ? [`${name} does not see the shared screen.`] : []),
        ...(message === false ? [`${name} did not get the chat message.`] : []),
      ];
    }),
  ];
}
