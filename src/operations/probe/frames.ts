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

export interface Gap {
  /** Seconds of the longest time in which not all the others were seen. */
  readonly seconds: number;
  /** Whether all were seen again in the end. */
  readonly over: boolean;
}

/** The longest time, from a moment on, in which a browser did not decode so many videos. */
export function longestGap(samples: readonly Sample[], others: number, from: number): Gap {
  let whole = from;
  let longest = 0;
  let over = false;
  for (const { at, live } of samples) {
    if (at < from) continue;
    over = live >= others;
    longest = Math.max(longest, at - whole);
    if (over) whole = at;
  }
  return { seconds: longest / 1000, over };
}
