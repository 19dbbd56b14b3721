import { z } from 'zod';

/** A sample of a page. All times are milliseconds since the epoch. */
export const FrameSample = z.object({
  at: z.number(),
  /** When the newest frame of each video of others was decoded. */
  frames: z.array(z.number()),
});
export type FrameSample = z.infer<typeof FrameSample>;

/** Video that a browser decoded while it was in a room. */
export interface FramesSeen {
  readonly name: string;
  /** Twenty a second. */
  readonly looks: readonly FrameSample[];
  /** How often its page was reloaded. */
  readonly reloads: number;
  /** How often a click was needed to get into the room again. */
  readonly clicks: number;
}

/** An interval in which a browser did not see all others, in milliseconds since the epoch. `to` is undefined while it lasts. */
export interface Gap {
  readonly from: number;
  readonly to: number | undefined;
}

/** Shorter freezes of a video are not noticed, and videos that appear for less are not seen. */
const NOTICED_MS = 1_000;

/**
 * When, from a moment on, a browser did not decode the videos of all others: each gap is from the last frame of the video
 * that stopped first to the next frame of the video that returned last. A page that is loading decodes nothing.
 */
export function gaps(looks: readonly FrameSample[], others: number, from: number): Gap[] {
  const found: { from: number; to: number | undefined }[] = [];
  const add = (since: number, to: number | undefined) => {
    const before = found.at(-1);
    if (before?.to !== undefined && since - before.to < NOTICED_MS) before.to = to;
    else found.push({ from: since, to });
  };
  let whole = from;
  for (const { frames } of looks) {
    const seenAll = allSeen(frames, others);
    if (seenAll <= whole) continue;
    if (seenAll - whole > NOTICED_MS) add(whole, seenAll);
    whole = seenAll;
  }
  if ((looks.at(-1)?.at ?? from) - whole > NOTICED_MS) add(whole, undefined);
  return found;
}

/** When this number of videos was last seen, by their newest frames; never, if there are fewer. */
function allSeen(frames: readonly number[], others: number): number {
  return frames.toSorted((one, other) => other - one)[others - 1] ?? Number.NEGATIVE_INFINITY;
}
