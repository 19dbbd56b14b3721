import { z } from 'zod';

/** A video of somebody else, as Chromium decodes it. */
const Video = z.object({
  id: z.string(),
  framesDecoded: z.number(),
  framesPerSecond: z.number().optional(),
  width: z.number().optional(),
  height: z.number().optional(),
});
export type Video = z.infer<typeof Video>;

/** What a browser sees at a moment. */
export const Sight = z.object({ videos: z.array(Video), dataChannel: z.boolean() });
export type Sight = z.infer<typeof Sight>;

/** Videos of which more frames were decoded than a moment before: those that are live, not those that were. */
export function growing(before: readonly Video[], now: readonly Video[]): Video[] {
  const known = new Map(before.map((video) => [video.id, video.framesDecoded]));
  return now.filter((video) => video.framesDecoded > (known.get(video.id) ?? Number.POSITIVE_INFINITY));
}
