import type { Verdict } from './health/health.js';
import { ALL_HEALTHY, nextReplacementState } from './health/replacement.js';
import { log, sentence } from './log.js';
import type { Reporter } from './metrics/reporter.js';

/** How often a machine checks its health. */
export const CHECK_INTERVAL = 5_000;

type Verdicts = Readonly<Record<string, Verdict>> & { readonly machine: Verdict };

/** Takes the verdicts of each check: logs changes, and asks for a replacement when this machine is beyond repair. */
export function watch(reporter: Reporter): (verdicts: Verdicts) => Promise<void> {
  let before: Verdicts | undefined;
  let replacement = ALL_HEALTHY;
  return async (verdicts) => {
    for (const [question, { healthy, reason }] of Object.entries(verdicts)) {
      if (before?.[question]?.healthy === healthy) continue;
      const write = healthy ? log.info : log.error;
      write(`${question} is ${healthy ? 'healthy' : 'unhealthy'}: ${reason}`);
    }
    before = verdicts;
    const next = nextReplacementState(replacement, verdicts.machine, Date.now());
    replacement = next.state;
    if (!next.request) return;
    log.error(`asking Auto Scaling to replace this machine: ${verdicts.machine.reason}`);
    await reporter
      .markUnhealthy()
      .catch((error: unknown) => log.error(`Auto Scaling did not accept the request: ${sentence(error)}`));
  };
}
