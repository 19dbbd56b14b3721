import type { Element } from '@xmpp/xml';

/** State of a bridge, from its presence and its responses. */
export interface Bridge {
  /** The bridge's address in the brewery: `brewery/nickname`. */
  readonly jid: string;
  stress: number;
  draining: boolean;
  gracefulShutdown: boolean;
  shuttingDown: boolean;
  healthy: boolean;
  version: string;
  /** Endpoints that this focus has allocated there. */
  endpoints: number;
  /** When it last failed a request or a health check. Undefined: never. */
  failedAt?: number;
  /** Whether its last response was a failure. */
  failed: boolean;
  seenAt: number;
  /** Aborted when it has left the brewery, which ends all waits for its responses. */
  readonly gone: AbortController;
}

export interface SelectionRules {
  /** Milliseconds for which a bridge is not used after a failure. */
  readonly failureReset: number;
  /** Estimated stress of an endpoint until the bridge reports it. */
  readonly stressPerEndpoint: number;
}

/** The bridges in the brewery, and the selection of one for a new meeting. */
export class Bridges {
  private readonly byJid = new Map<string, Bridge>();
  /** Number of bridges that left without announcing a shutdown. */
  lost = 0;

  constructor(private readonly rules: SelectionRules) {}

  /** Applies a bridge's presence. Returns whether the bridge is new, or has just announced its shutdown. */
  update(
    jid: string,
    stats: Readonly<Record<string, string>>,
    now: number,
  ): { added: boolean; ending: boolean } {
    const known = this.byJid.get(jid);
    // For Jicofo, a bridge is draining until it reports that it is not.
    const bridge: Bridge = known ?? {
      jid,
      stress: 0,
      draining: true,
      gracefulShutdown: false,
      shuttingDown: false,
      healthy: true,
      version: '',
      endpoints: 0,
      failed: false,
      seenAt: now,
      gone: new AbortController(),
    };
    const wasEnding = bridge.shuttingDown;
    bridge.seenAt = now;
    bridge.stress = Number(stats.stress_level ?? bridge.stress);
    bridge.draining = stats.drain === undefined ? bridge.draining : stats.drain === 'true';
    bridge.gracefulShutdown ||= stats.graceful_shutdown === 'true';
    bridge.shuttingDown ||= stats.shutting_down === 'true';
    bridge.healthy = stats.healthy === undefined ? bridge.healthy : stats.healthy === 'true';
    bridge.version = stats.version ?? bridge.version;
    this.byJid.set(jid, bridge);
    return { added: !known, ending: !wasEnding && bridge.shuttingDown };
  }

  remove(jid: string): Bridge | undefined {
    const bridge = this.byJid.get(jid);
    if (bridge && !bridge.gracefulShutdown && !bridge.shuttingDown) this.lost++;
    this.byJid.delete(jid);
    bridge?.gone.abort();
    return bridge;
  }

  clear(): void {
    for (const { gone } of this.all()) gone.abort();
    this.byJid.clear();
  }

  all(): Bridge[] {
    return [...this.byJid.values()];
  }

  /** By its address, or by its nickname in the brewery. */
  get(jid: string, brewery: string): Bridge | undefined {
    return this.byJid.get(jid) ?? this.byJid.get(`${brewery}/${jid}`);
  }

  operational(bridge: Bridge, now: number): boolean {
    if (bridge.failedAt !== undefined && now - bridge.failedAt < this.rules.failureReset) return false;
    return !bridge.failed;
  }

  operationalCount(now: number): number {
    return this.all().filter((bridge) => this.operational(bridge, now) && !bridge.gracefulShutdown).length;
  }

  /** Selects the bridge with the least stress. Draining and stopping bridges are used only if there is no other. */
  select(now: number, except?: Bridge): Bridge | undefined {
    let candidates = this.all().filter((bridge) => this.operational(bridge, now) && !bridge.shuttingDown);
    for (const preferred of [
      (bridge: Bridge) => bridge !== except,
      (bridge: Bridge) => !bridge.draining,
      (bridge: Bridge) => !bridge.gracefulShutdown,
    ]) {
      const better = candidates.filter(preferred);
      if (better.length > 0) candidates = better;
    }
    const stress = (bridge: Bridge) => bridge.stress + bridge.endpoints * this.rules.stressPerEndpoint;
    return candidates.sort((one, other) => stress(one) - stress(other))[0];
  }
}

/** The measurements in a bridge's presence, by name. */
export function statsIn(stats: Element): Record<string, string> {
  return Object.fromEntries(
    stats.getChildren('stat').map(({ attrs }) => [attrs.name ?? '', attrs.value ?? '']),
  );
}

/** A response of a bridge. Rejects as soon as the bridge has left. */
export function unlessGone<T>({ gone: { signal } }: Bridge, answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const left = () => reject(new Error('it left'));
    if (signal.aborted) left();
    signal.addEventListener('abort', left, { once: true });
    answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', left));
  });
}
