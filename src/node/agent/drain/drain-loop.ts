import { instanceMetadata } from '../../metadata.js';
import { log, sentence } from '../log.js';
import type { Reporter } from '../metrics/reporter.js';
import { type Action, type Drain, type DrainFacts, type DrainRules, reason, step } from './drain.js';
import { terminationSignals } from './termination-signals.js';

/**
 * How often termination signals and progress are checked. AWS recommends checking for spot interruptions every five
 * seconds.
 */
export const DRAIN_LOOP_INTERVAL = 2_000;

export interface DrainLoop {
  /** Why the machine is draining; undefined while it is in service. */
  why(): string | undefined;
  /** One check and the resulting actions. */
  round(): Promise<void>;
}

/** What differs between draining a shard and a bridge. */
export interface DrainTarget {
  readonly rules: DrainRules;
  facts(draining: boolean): Promise<Omit<DrainFacts, 'signals'>>;
  /** Accepts no new participants, or accepts them again. */
  setClosed(closed: boolean): Promise<void>;
  move(): Promise<void>;
}

export async function drainLoop(target: DrainTarget, reporter: Reporter): Promise<DrainLoop> {
  const signals = await terminationSignals(instanceMetadata({ retry: { attempts: 1 } }));
  let drain: Drain;

  const run: Record<Action, () => Promise<void>> = {
    close: () => target.setClosed(true),
    open: () => target.setClosed(false),
    move: () => target.move(),
    heartbeat: () => reporter.sendHeartbeat(),
    complete: () => reporter.completeTermination(),
  };

  return {
    why: () => drain && reason(drain),
    async round() {
      const facts = { signals: await signals(), ...(await target.facts(drain !== undefined)) };
      const next = step(drain, facts, target.rules, Date.now());
      drain = next.drain;
      if (next.message) log.info(next.message);
      // Independent of each other: an unresponsive bridge must not stop heartbeats to Auto Scaling.
      for (const action of next.actions) {
        await run[action]().catch((error: unknown) => log.warning(`${action} failed: ${sentence(error)}`));
      }
    },
  };
}
