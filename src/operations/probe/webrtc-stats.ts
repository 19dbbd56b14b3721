import { z } from 'zod';

/** Packets of a stream, counted from its beginning. */
const Packets = z.object({ packetsReceived: z.number(), packetsLost: z.number() });

/** A video of somebody else, as Chromium decodes it. */
const Video = Packets.extend({
  id: z.string(),
  framesDecoded: z.number(),
  framesPerSecond: z.number().optional(),
  width: z.number().optional(),
  height: z.number().optional(),
  /** Whether it is a screen that somebody shares. */
  screen: z.boolean(),
});
export type Video = z.infer<typeof Video>;

/** The sound of somebody else. */
const Sound = Packets.extend({
  id: z.string(),
  /** WebRTC's `totalAudioEnergy`: it grows when what is played is not silence. */
  energy: z.number(),
});
export type Sound = z.infer<typeof Sound>;

/** What a browser sees and hears at a moment. */
export const StatsSample = z.object({
  videos: z.array(Video),
  sounds: z.array(Sound),
  dataChannel: z.boolean(),
  /** Where it sends media to. */
  bridges: z.array(z.string()),
});
export type StatsSample = z.infer<typeof StatsSample>;

export const NOTHING: StatsSample = { videos: [], sounds: [], dataChannel: false, bridges: [] };

/** Videos of which more frames were decoded than a moment before: those that are live, not those that were. */
export function growing(before: readonly Video[], now: readonly Video[]): Video[] {
  const known = new Map(before.map((video) => [video.id, video.framesDecoded]));
  return now.filter((video) => video.framesDecoded > (known.get(video.id) ?? Number.POSITIVE_INFINITY));
}

/** Videos that are no screens. */
export const cameras = (videos: readonly Video[]): Video[] => videos.filter(({ screen }) => !screen);

/** Whether each video has the size that it had before: a bridge sends small ones first, and larger ones as a network bears them. */
export function steady(before: readonly Video[], now: readonly Video[]): boolean {
  const known = new Map(before.map((video) => [video.id, video]));
  return now.every(({ id, width, height }) => {
    const earlier = known.get(id);
    return earlier?.width === width && earlier?.height === height;
  });
}

/** What was received between two samples, which are `seconds` apart. */
export interface Reception {
  /** Videos that were live, with their frames a second over that time. */
  readonly videos: readonly (Video & { readonly rate: number })[];
  /** How many of the others were heard. */
  readonly heard: number;
  /** Share of packets, of video and sound, that did not arrive, from 0 to 1; undefined when none were due. */
  readonly loss: number | undefined;
}

export function reception(before: StatsSample, now: StatsSample, seconds: number): Reception {
  const decoded = new Map(before.videos.map(({ id, framesDecoded }) => [id, framesDecoded]));
  const energy = new Map(before.sounds.map((sound) => [sound.id, sound.energy]));
  return {
    videos: growing(before.videos, now.videos).map((video) => ({
      ...video,
      rate: (video.framesDecoded - (decoded.get(video.id) ?? 0)) / seconds,
    })),
    heard: now.sounds.filter((sound) => sound.energy > (energy.get(sound.id) ?? Number.POSITIVE_INFINITY))
      .length,
    loss: loss([...before.videos, ...before.sounds], [...now.videos, ...now.sounds]),
  };
}

type Counted = z.infer<typeof Packets> & { readonly id: string };

/** A packet that comes late is taken back from those lost, so a count may fall. */
function loss(before: readonly Counted[], now: readonly Counted[]): number | undefined {
  const known = new Map(before.map((stream) => [stream.id, stream]));
  let lost = 0;
  let received = 0;
  for (const stream of now) {
    const earlier = known.get(stream.id);
    if (!earlier) continue;
    lost += stream.packetsLost - earlier.packetsLost;
    received += stream.packetsReceived - earlier.packetsReceived;
  }
  const due = lost + received;
  return due > 0 ? Math.max(0, lost) / due : undefined;
}
