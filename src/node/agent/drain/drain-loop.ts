import { instanceMetadata } from '../../metadata.js';
import { log, sentence } from '../journal.js';
import type { Report } from '../metrics/report.js';
import { type Action, type Drain, type DrainFacts, type DrainRules, reason, step } from './drain.js';
import { terminationSignals } from './termination-signals.js';

/** How often it is looked whether the machine is to leave, and how far it is. AWS asks for five seconds at the most. */
export const DRAIN_LOOP_INTERVAL = 2_000;

export interface DrainLoop {
  /** Why, in words; undefined while the machine is in service. */
  why(): string | undefined;
  /** One look and what follows from it. */
  round(): Promise<void>;
}

/** What differs between a shard and a bridge that leave. */
export interface DrainTarget {
  readonly rules: DrainRules;
  look(drainLoop: boolean): Promise<Omit<DrainFacts, 'calls'>>;
  /** Takes nobody new, or people again. */
  close(closed: boolean): Promise<void>;
  move(): Promise<void>;
}

export async function drainLoop(leaver: DrainTarget, report: Report): Promise<DrainLoop> {
  const calls = await terminationSignals(instanceMetadata({ retry: { attempts: 1 } }));
  let drain: Drain;

  const acts: Record<Action, () => Promise<void>> = {
    close: () => leaver.close(true),
    open: () => leaver.close(false),
    move: () => leaver.move(),
    heartbeat: () => report.stillLeaving(),
    complete: () => report.mayEnd(),
  };

  return {
    why: () => drain && reason(drain),
    async round() {
      const facts = { calls: await calls(), ...(await leaver.look(drain !== undefined)) };
      const next = step(drain, facts, leaver.rules, Date.now());
      drain = next.drain;
      if (next.say) log(next.say);
      // Each on its own: a bridge that does not answer must not keep Auto Scaling waiting.
      for (const action of next.actions) {
        await acts[action]().catch((error: unknown) => log(`${action}: ${sentence(error)}`));
      }
    },
  };
}
