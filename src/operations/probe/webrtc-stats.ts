import { z } from 'zod';

/** Packets of a stream, counted from its beginning. */
const Packets = z.object({ packetsReceived: z.number(), packetsLost: z.number() });

/** A video of another participant, as Chromium decodes it. */
const Video = Packets.extend({
  id: z.string(),
  framesDecoded: z.number(),
  framesPerSecond: z.number().optional(),
  width: z.number().optional(),
  height: z.number().optional(),
  /** Whether it is a shared screen. */
  screen: z.boolean(),
});
export type Video = z.infer<typeof Video>;

/** Audio of another participant. */
const Sound = Packets.extend({
  id: z.string(),
  /** WebRTC's `totalAudioEnergy`, which grows unless the audio is silent. */
  energy: z.number(),
});
export type Sound = z.infer<typeof Sound>;

/** A sample of a browser's received media. */
export const StatsSample = z.object({
  videos: z.array(Video),
  sounds: z.array(Sound),
  dataChannel: z.boolean(),
  /** The address to which it sends media. */
  bridges: z.array(z.string()),
});
export type StatsSample = z.infer<typeof StatsSample>;

export const NOTHING: StatsSample = { videos: [], sounds: [], dataChannel: false, bridges: [] };

/** Live videos: those with more decoded frames than in the previous sample. */
export function growing(before: readonly Video[], now: readonly Video[]): Video[] {
  const known = new Map(before.map((video) => [video.id, video.framesDecoded]));
  return now.filter((video) => video.framesDecoded > (known.get(video.id) ?? Number.POSITIVE_INFINITY));
}

/** Videos of cameras, not screens. */
export const cameras = (videos: readonly Video[]): Video[] => videos.filter(({ screen }) => !screen);

/** Whether each video has the same size as before. A bridge sends small ones first, and larger ones as the network permits. */
export function steady(before: readonly Video[], now: readonly Video[]): boolean {
  const known = new Map(before.map((video) => [video.id, video]));
  return now.every(({ id, width, height }) => {
    const earlier = known.get(id);
    return earlier?.width === width && earlier?.height === height;
  });
}

/** Media received between two samples, which are `seconds` apart. */
export interface Reception {
  /** Live videos, with their frames per second in that interval. */
  readonly videos: readonly (Video & { readonly rate: number })[];
  /** Number of other participants that were heard. */
  readonly heard: number;
  /** Fraction of video and audio packets that were lost, from 0 to 1; undefined without packets. */
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

/** Late packets are subtracted from lost ones, so a count may decrease. */
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
