/** How many videos of others were being decoded at a moment, in milliseconds since the epoch. */
export interface Sample {
  readonly at: number;
  readonly live: number;
}

/** What one browser decoded while it was in a room. */
export interface FramesSeen {
  readonly name: string;
  /** Four a second. */
  readonly samples: readonly Sample[];
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
 * When, from a moment on, a browser did not decode so many videos: each time from the last sample in which it did to the
 * next. A page that is loading gives no samples, and sees nobody.
 */
export function gaps(samples: readonly Sample[], others: number, from: number): Gap[] {
  const found: { from: number; to: number | undefined }[] = [];
  const add = (since: number, to: number | undefined) => {
    const before = found.at(-1);
    if (before?.to !== undefined && since - before.to < NOTICED_MS) before.to = to;
    else found.push({ from: since, to });
  };
  let whole = from;
  let last = from;
  for (const { at, live } of samples) {
    if (at < from) continue;
    last = at;
    if (live < others) continue;
    if (at - whole > NOTICED_MS) add(whole, at);
    whole = at;
  }
  if (last - whole > NOTICED_MS) add(whole, undefined);
  return found;
}
