import { retry } from '../retry.js';
import { type Log, sentence } from './log.js';
import { installPackages, type PackagePlan } from './packages.js';

const PATIENCE_MS = 10 * 60_000;
const PAUSE_MS = 2 * 60_000;

/**
 * A package source that cannot be reached, or whose key has expired, may be repaired meanwhile. The machine keeps trying
 * for ten minutes, because Auto Scaling would replace it at once, and again and again, by machines that fail as well.
 */
export function installPatiently(plan: PackagePlan, log: Log): Promise<void> {
  const began = Date.now();
  return retry(() => installPackages(plan, log), {
    attempts: Number.POSITIVE_INFINITY,
    firstWait: PAUSE_MS,
    steady: true,
    isFinal: () => Date.now() - began > PATIENCE_MS,
    onFailure: (error) =>
      log(`provisioning failed: ${sentence(error)} Trying again in ${PAUSE_MS / 60_000} minutes.`),
  });
}
