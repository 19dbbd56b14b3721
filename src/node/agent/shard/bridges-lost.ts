/** Milliseconds without a bridge after which a shard counts as one that has lost them. A bridge is replaced sooner. */
const LOST_AFTER_MS = 3 * 60_000;

/** The same for a shard that has never had one: the bridges of a new deployment take longer to start than a shard. */
const MISSING_AFTER_MS = 15 * 60_000;

/**
 * Follows how many bridges a shard can use, from `started` on. The result is called with their number, undefined if
 * Jicofo does not say it, and returns whether the shard has been without a bridge for too long.
 */
export function bridgesLost(started: number): (bridges: number | undefined, now: number) => boolean {
  let hadSome = false;
  let without = started;
  return (bridges, now) => {
    if (bridges === undefined) return false;
    if (bridges > 0) {
      hadSome = true;
      without = now;
      return false;
    }
    return now - without >= (hadSome ? LOST_AFTER_MS : MISSING_AFTER_MS);
  };
}
