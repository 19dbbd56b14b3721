import type { Verdict } from './health.js';
import { log, sentence } from './journal.js';
import { considerReplacement, NOTHING_BAD } from './replacement.js';
import type { Report } from './report.js';

/** How often a machine looks at itself. */
export const LOOK_EVERY = 5_000;

type Verdicts = Readonly<Record<string, Verdict>> & { readonly machine: Verdict };

/** Takes the verdicts of each look: says what changed, and asks for a new machine when this one is beyond repair. */
export function watchOver(report: Report): (verdicts: Verdicts) => Promise<void> {
  let before: Verdicts | undefined;
  let replacement = NOTHING_BAD;
  return async (verdicts) => {
    for (const [question, { healthy, reason }] of Object.entries(verdicts)) {
      if (before?.[question]?.healthy === healthy) continue;
      log(`${question} is ${healthy ? 'healthy' : 'unhealthy'}: ${reason}`);
    }
    before = verdicts;
    const considered = considerReplacement(replacement, verdicts.machine, Date.now());
    replacement = considered.state;
    if (!considered.tell) return;
    log(`asking Auto Scaling to replace this machine: ${verdicts.machine.reason}`);
    await report
      .wantReplacing()
      .catch((error: unknown) => log(`Auto Scaling was not told: ${sentence(error)}`));
  };
}
