import type { MxRecord } from 'node:dns';
import type { Account } from '../../cloud/account.js';
import type { Deployment } from '../../config/deployment.js';
import { type Answer, lookUp } from '../dns/resolver.js';
import { type Finding, fine, unknown, wrong } from './finding.js';

/** Whether mail to the address can arrive anywhere. */
export async function mail(account: Account, { alerts }: Deployment): Promise<Finding[]> {
  if (account.endpoint) return [unknown('mail address', 'this cloud sends no mail into the world')];
  const host = alerts.slice(alerts.lastIndexOf('@') + 1);
  const exchangers = await lookUp((resolver) => resolver.resolveMx(host));
  const address =
    exchangers.kind === 'none' ? await lookUp((resolver) => resolver.resolve4(host)) : exchangers;
  return [judgeMail(alerts, exchangers, address.kind === 'records')];
}

/** `direct`: whether the host itself has an address, which mail goes to where no exchanger is named (RFC 5321). */
export function judgeMail(
  alerts: string,
  exchangers: Answer<Pick<MxRecord, 'exchange'>>,
  direct: boolean,
): Finding {
  const subject = 'mail address';
  const now = 'Correct "alerts": it is told when something breaks.';
  const host = alerts.slice(alerts.lastIndexOf('@') + 1);
  switch (exchangers.kind) {
    case 'no answer':
      return unknown(
        subject,
        `public DNS did not answer (${exchangers.why})`,
        'Run this again with network.',
      );
    case 'no such name':
      return wrong(subject, `there is no ${host}`, now);
    case 'none':
      return direct ? fine(subject, `${host} takes mail`) : wrong(subject, `${host} takes no mail`, now);
    case 'records':
      // A single exchanger without a name means that there is none (RFC 7505).
      return exchangers.records.some(({ exchange }) => exchange !== '')
        ? fine(subject, `${host} takes mail`)
        : wrong(subject, `${host} says that it takes no mail`, now);
  }
}
