import { z } from 'zod';

/** What a page saw at a moment. All times are milliseconds since the epoch. */
export const FrameSample = z.object({
  at: z.number(),
  /** When the newest frame of each video of others was decoded. */
  frames: z.array(z.number()),
});
export type FrameSample = z.infer<typeof FrameSample>;

/** What one browser decoded while it was in a room. */
export interface FramesSeen {
  readonly name: string;
  /** Twenty a second. */
  readonly looks: readonly FrameSample[];
  /** How often its page was loaded anew. */
  readonly reloads: number;
  /** How often a click was needed to be in the room again. */
  readonly clicks: number;
}

/** A time in which a browser did not see all the others. Milliseconds since the epoch; `to` is undefined while it lasts. */
export interface Gap {
  readonly from: number;
  readonly to: number | undefined;
}

/** A picture that stands still for less is not noticed, and one that comes for less is not seen. */
const NOTICED_MS = 1_000;

/**
 * When, from a moment on, a browser did not decode so many videos: each time from the last frame of the one that stopped
 * first to the next of the one that came last. A page that is loading does not look, and sees nobody.
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

/** When so many videos were last seen, by their newest frames; never, where there are fewer. */
function allSeen(frames: readonly number[], others: number): number {
  return frames.toSorted((one, other) => other - one)[others - 1] ?? Number.NEGATIVE_INFINITY;
}
