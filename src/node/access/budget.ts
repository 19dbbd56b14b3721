/** A token bucket for each key: so much at once, and then so much a second. */
export interface BudgetRules {
  /** Units that a key has when it has spent none for a while. */
  readonly most: number;
  /** Units that come back in a second. */
  readonly perSecond: number;
}

/** Keys that are remembered. Beyond that the one that was seen longest ago starts anew. */
const MOST_KEYS = 20_000;

export class Budget {
  private readonly left = new Map<string, { units: number; at: number }>();

  constructor(private readonly rules: BudgetRules) {}

  /** Spends units of a key's, if it has so many. `now` in milliseconds. */
  spend(key: string, units: number, now: number): boolean {
    const { most, perSecond } = this.rules;
    const before = this.left.get(key) ?? { units: most, at: now };
    const has = Math.min(most, before.units + (Math.max(0, now - before.at) / 1_000) * perSecond);
    const enough = has >= units;
    // Set anew, so that the map is in the order in which keys were last seen.
    this.left.delete(key);
    this.left.set(key, { units: enough ? has - units : has, at: now });
    if (this.left.size > MOST_KEYS) {
      const [oldest] = this.left.keys();
      if (oldest !== undefined) this.left.delete(oldest);
    }
    return enough;
  }
}
