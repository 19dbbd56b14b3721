/** Milliseconds. A class that waits asks many times a second, and Prosody has one core. */
const KEPT = 500;
const MOST_ROOMS = 10_000;

/** Whether a host has started the meeting in a room, and it has not ended. Rejects if Prosody does not answer. */
export type HasStarted = (room: string) => Promise<boolean>;

/** The same with each answer kept for a moment, and asked for once at a time. */
export function keptForAMoment(ask: HasStarted, now: () => number = Date.now): HasStarted {
  const kept = new Map<string, { readonly answer: Promise<boolean>; readonly until: number }>();
  return (room) => {
    const known = kept.get(room);
    if (known && known.until > now()) return known.answer;
    const answer = ask(room);
    answer.catch(() => kept.delete(room));
    // Deleted and set again, to keep the map in order of age.
    kept.delete(room);
    kept.set(room, { answer, until: now() + KEPT });
    const [oldest] = kept.keys();
    if (kept.size > MOST_ROOMS && oldest !== undefined) kept.delete(oldest);
    return answer;
  };
}
