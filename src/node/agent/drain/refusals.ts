/**
 * Which refusals of shards are logged. A shard refuses to move participants until its Jicofo has seen that the bridge
 * drains, and the bridge asks again, so a refusal means something only if it lasts.
 */
export class Refusals {
  private readonly current = new Map<string, { why: string; since: number; logged: boolean }>();

  /** `patience`: milliseconds for which a refusal is expected. */
  constructor(private readonly patience: number) {}

  /** Whether this refusal is to be logged: once, when it has lasted longer than expected. */
  add(shard: string, why: string, now: number): boolean {
    let refusal = this.current.get(shard);
    if (refusal?.why !== why) refusal = { why, since: now, logged: false };
    this.current.set(shard, refusal);
    if (refusal.logged || now - refusal.since < this.patience) return false;
    refusal.logged = true;
    return true;
  }

  /** The shard moved participants. */
  end(shard: string): void {
    this.current.delete(shard);
  }
}
