import type { Reception, StatsSample } from './webrtc-stats.js';

/** What one browser had of a meeting. */
export interface BrowserParticipant extends Reception, Pick<StatsSample, 'dataChannel'> {
  readonly name: string;
  /** Seconds from opening the page to being in the room. */
  readonly joined: number;
  /** Seconds from opening the page to the first picture of somebody else; undefined when none came. */
  readonly firstFrame: number | undefined;
  /** The shard that the room is on; empty when the answers did not say. */
  readonly shard: string;
  /** How many of the others have their microphones on. */
  readonly speaking: number;
  /** Addresses of the bridge, or of bridges, that it sends media to. */
  readonly bridges: readonly string[];
  /** Whether it decoded the screen that another shared; undefined for who shared it, and where nobody could. */
  readonly screen: boolean | undefined;
  /** Whether it read what another wrote; undefined for who wrote it, and whose chat did not open. */
  readonly message: boolean | undefined;
}

/** A bridge passes on the three loudest, so of more than three not all are to be heard. */
const LOUDEST = 3;

/** What somebody lacked, in sentences, by name; empty when nobody lacked anything. */
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
