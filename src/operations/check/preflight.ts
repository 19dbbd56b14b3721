import type { Account } from '../../cloud/account.js';
import type { Deployment } from '../../config/deployment.js';
import { ConvokeError } from '../../contract/errors.js';
import { quickCheck } from './check.js';
import type { Finding } from './finding.js';

/** The preflight checks found problems. Carries the findings for display. */
export class PreflightFailed extends ConvokeError {
  constructor(readonly findings: readonly Finding[]) {
    super('PreflightFailed', {
      what: `Nothing was created, because these problems have to be fixed first: ${findings.map(({ subject, said }) => `${subject} (${said})`).join('; ')}.`,
      now: 'Fix them and run the same command again. "convoke check" runs more checks; --no-check skips them.',
      fault: 'user',
    });
  }
}

/** Throws `PreflightFailed` if the user has to fix something first. Checks that could not be completed are ignored. */
export async function assertPreflight(account: Account, deployment: Deployment): Promise<void> {
  const findings = (await quickCheck(account, deployment)).filter(({ state }) => state === 'wrong');
  if (findings.length > 0) throw new PreflightFailed(findings);
}
