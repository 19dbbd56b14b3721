import type { Account } from '../../cloud/account.js';
import type { Deployment } from '../../config/deployment.js';
import { ConvokeError } from '../../contract/errors.js';
import { quickCheck } from './check.js';
import type { Finding } from './finding.js';

/** Account, domain and file do not fit together. Carries what is to be mended, so that it can be drawn. */
export class PreflightFailed extends ConvokeError {
  constructor(readonly findings: readonly Finding[]) {
    super('PreflightFailed', {
      what: `Nothing was made, since this has to be mended first: ${findings.map(({ subject, said }) => `${subject} (${said})`).join('; ')}.`,
      now: 'Mend it and run the same command again. "convoke check" looks at more; --no-check goes on all the same.',
      fault: 'person',
    });
  }
}

/** Throws `PreflightFailed` where something is the person's to mend, before anything costs. What nobody knows stops nothing. */
export async function assertPreflight(account: Account, deployment: Deployment): Promise<void> {
  const findings = (await quickCheck(account, deployment)).filter(({ state }) => state === 'wrong');
  if (findings.length > 0) throw new PreflightFailed(findings);
}
