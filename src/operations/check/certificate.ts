import type { CertificateDetail } from '@aws-sdk/client-acm';
import type { Account } from '../../cloud/account.js';
import { findCertificate } from '../../cloud/certificates.js';
import type { Deployment } from '../../config/deployment.js';
import { hostNames } from '../../stack/public-names.js';
import { type Finding, finding, fine, wrong } from './finding.js';

/** A certificate that ends sooner than this and is not renewed by itself is the person's to renew. */
const SOON_DAYS = 30;
const DAY_MS = 24 * 60 * 60_000;

/** Whether a certificate of one's own is good for the domain. Nothing, where convoke makes one. */
export async function certificate(account: Account, deployment: Deployment): Promise<Finding[]> {
  const { certificate: arn, region } = deployment;
  if (!arn) return [];
  if (arn.split(':')[3] !== region) {
    return [
      wrong(
        'certificate',
        `it is in ${arn.split(':')[3]}, and the deployment in ${region}`,
        `Import or request it in ${region}.`,
      ),
    ];
  }
  return finding(
    'certificate',
    () => findCertificate(account, arn),
    (detail) => [judgeCertificate(detail, hostNames(deployment), account.clock.now())],
  );
}

/** What ACM says of a certificate. */
export type CertificateFacts = Pick<
  CertificateDetail,
  'Status' | 'DomainName' | 'SubjectAlternativeNames' | 'NotAfter' | 'RenewalEligibility'
>;

/** `detail`: undefined where the account has no such certificate. `wanted`: the domain, and that of TURN if there is to be one. */
export function judgeCertificate(
  detail: CertificateFacts | undefined,
  wanted: readonly string[],
  now: Date,
): Finding {
  const subject = 'certificate';
  if (!detail)
    return wrong(
      subject,
      'the account has none of that ARN',
      'Correct "certificate", or leave it out and have one made.',
    );
  const { Status, NotAfter } = detail;
  if (Status !== 'ISSUED') {
    return wrong(
      subject,
      `it is ${Status?.toLowerCase().replaceAll('_', ' ')}`,
      'Finish its validation in ACM, or name another.',
    );
  }
  const names = [...new Set([detail.DomainName ?? '', ...(detail.SubjectAlternativeNames ?? [])])];
  const [lacking] = wanted.filter((domain) => !names.some((name) => covers(name, domain)));
  if (lacking) {
    return wrong(
      subject,
      `it is for ${names.join(', ')}, and not for ${lacking}`,
      lacking === wanted[0]
        ? 'Name one for the domain, or leave "certificate" out and have one made.'
        : 'Name one for both names, or set "turn: off": people whose network lets no UDP out then have no media.',
    );
  }
  const days = NotAfter ? (NotAfter.getTime() - now.getTime()) / DAY_MS : Number.POSITIVE_INFINITY;
  const end = NotAfter?.toISOString().slice(0, 10) ?? '';
  if (days < 0) return wrong(subject, `it ended on ${end}`, 'Import a newer one under the same ARN.');
  if (days < SOON_DAYS && detail.RenewalEligibility !== 'ELIGIBLE') {
    return wrong(
      subject,
      `it ends on ${end}, and AWS will not renew it`,
      'Import a newer one under the same ARN.',
    );
  }
  return fine(subject, `good for ${wanted.join(' and ')}${end ? `, until ${end}` : ''}`);
}

/** Whether a certificate's name is the domain's, or stands for it with `*` as its first part. */
function covers(name: string, domain: string): boolean {
  const [first, ...rest] = domain.split('.');
  return name.toLowerCase() === domain || (Boolean(first) && name.toLowerCase() === `*.${rest.join('.')}`);
}
