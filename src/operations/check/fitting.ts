import type { Account } from '../../cloud/account.js';
import type { Deployment } from '../../config/deployment.js';
import { ConvokeError } from '../../config/errors.js';
import { quickCheck } from './check.js';
import type { Finding } from './finding.js';

/** Account, domain and file do not fit together. Carries what is to be mended, so that it can be drawn. */
export class NotFitting extends ConvokeError {
  constructor(readonly findings: readonly Finding[]) {
    super('NotFitting', {
      what: `Nothing was made, since this has to be mended first: ${findings.map(({ subject, said }) => `${subject} (${said})`).join('; ')}.`,
      now: 'Mend it and run the same command again. "convoke check" looks at more; --no-check goes on all the same.',
      fault: 'person',
    });
  }
}

/** Throws `NotFitting` where something is the person's to mend, before anything costs. What nobody knows stops nothing. */
export async function assertFitting(account: Account, deployment: Deployment): Promise<void> {
  const findings = (await quickCheck(account, deployment)).filter(({ state }) => state === 'wrong');
  if (findings.length > 0) throw new NotFitting(findings);
}
