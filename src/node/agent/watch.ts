import type { Verdict } from './health/health.js';
import { ALL_HEALTHY, nextReplacementState } from './health/replacement.js';
import { log, sentence } from './journal.js';
import type { Report } from './metrics/report.js';

/** How often a machine looks at itself. */
export const CHECK_INTERVAL = 5_000;

type Verdicts = Readonly<Record<string, Verdict>> & { readonly machine: Verdict };

/** Takes the verdicts of each look: says what changed, and asks for a new machine when this one is beyond repair. */
export function watch(report: Report): (verdicts: Verdicts) => Promise<void> {
  let before: Verdicts | undefined;
  let replacement = ALL_HEALTHY;
  return async (verdicts) => {
    for (const [question, { healthy, reason }] of Object.entries(verdicts)) {
      if (before?.[question]?.healthy === healthy) continue;
      log(`${question} is ${healthy ? 'healthy' : 'unhealthy'}: ${reason}`);
    }
    before = verdicts;
    const considered = nextReplacementState(replacement, verdicts.machine, Date.now());
    replacement = considered.state;
    if (!considered.tell) return;
    log(`asking Auto Scaling to replace this machine: ${verdicts.machine.reason}`);
    await report
      .wantReplacing()
      .catch((error: unknown) => log(`Auto Scaling was not told: ${sentence(error)}`));
  };
}
