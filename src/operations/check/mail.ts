import type { MxRecord } from 'node:dns';
import type { Account } from '../../cloud/account.js';
import type { Deployment } from '../../config/deployment.js';
import { type DnsAnswer, lookUp } from '../dns/resolver.js';
import { type Finding, fine, unknown, wrong } from './finding.js';

/** Whether the hosts of the mail addresses accept mail. */
export async function mail(account: Account, { alerts }: Deployment): Promise<Finding[]> {
  if (account.lacks.includes('mail')) return [unknown('mail address', 'this cloud does not deliver mail')];
  return Promise.all(alerts.emails.map(judgeAddress));
}

async function judgeAddress(address: string): Promise<Finding> {
  const host = address.slice(address.lastIndexOf('@') + 1);
  const exchangers = await lookUp((resolver) => resolver.resolveMx(host));
  const direct =
    exchangers.kind === 'none' ? await lookUp((resolver) => resolver.resolve4(host)) : exchangers;
  return judgeMail(address, exchangers, direct.kind === 'records');
}

/** `direct`: whether the host has an address, to which mail is delivered if there are no MX records (RFC 5321). */
export function judgeMail(
  mailAddress: string,
  exchangers: DnsAnswer<Pick<MxRecord, 'exchange'>>,
  direct: boolean,
): Finding {
  const subject = 'mail address';
  const now = 'Correct "alerts".';
  const host = mailAddress.slice(mailAddress.lastIndexOf('@') + 1);
  switch (exchangers.kind) {
    case 'no answer':
      return unknown(
        subject,
        `public DNS did not answer (${exchangers.why})`,
        'Run this again with network access.',
      );
    case 'no such name':
      return wrong(subject, `${host} does not exist`, now);
    case 'none':
      return direct ? fine(subject, `${host} accepts mail`) : wrong(subject, `${host} accepts no mail`, now);
    case 'records':
      // A null MX record: the host accepts no mail (RFC 7505).
      return exchangers.records.some(({ exchange }) => exchange !== '')
        ? fine(subject, `${host} accepts mail`)
        : wrong(subject, `${host} declares that it accepts no mail`, now);
  }
}
