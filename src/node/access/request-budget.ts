/** A token bucket for each key: a burst, and a rate per second. */
export interface BudgetRules {
  /** Size of the burst, in units. */
  readonly most: number;
  /** Units that are refilled per second. */
  readonly perSecond: number;
}

/** Number of keys that are stored. Beyond it, the one that was used longest ago starts over. */
const MOST_KEYS = 20_000;

export class Budget {
  private readonly left = new Map<string, { units: number; at: number }>();

  constructor(private readonly rules: BudgetRules) {}

  /** Spends units of a key if it has enough. `now` in milliseconds. */
  spend(key: string, units: number, now: number): boolean {
    const { most, perSecond } = this.rules;
    const before = this.left.get(key) ?? { units: most, at: now };
    const has = Math.min(most, before.units + (Math.max(0, now - before.at) / 1_000) * perSecond);
    const enough = has >= units;
    // Deleted and set again, to keep the map in order of last use.
    this.left.delete(key);
    this.left.set(key, { units: enough ? has - units : has, at: now });
    if (this.left.size > MOST_KEYS) {
      const [oldest] = this.left.keys();
      if (oldest !== undefined) this.left.delete(oldest);
    }
    return enough;
  }
}
