import type { CertificateDetail } from '@aws-sdk/client-acm';
import type { Account } from '../../cloud/account.js';
import { findCertificate } from '../../cloud/certificates.js';
import type { Deployment } from '../../config/deployment.js';
import { hostNames } from '../../stack/host-names.js';
import { type Finding, finding, fine, wrong } from './finding.js';

/** A certificate that expires sooner than this and is not renewed automatically is reported. */
const SOON_DAYS = 30;
const DAY_MS = 24 * 60 * 60_000;

/** Whether the user's own certificate is valid for the domain. No finding if convoke requests one. */
export async function certificate(account: Account, deployment: Deployment): Promise<Finding[]> {
  const { certificate: arn, region } = deployment;
  if (!arn) return [];
  if (arn.split(':')[3] !== region) {
    return [
      wrong(
        'certificate',
        `it is in ${arn.split(':')[3]}, but the deployment is in ${region}`,
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

/** The properties of a certificate that are checked. */
export type CertificateFacts = Pick<
  CertificateDetail,
  'Status' | 'DomainName' | 'SubjectAlternativeNames' | 'NotAfter' | 'RenewalEligibility'
>;

/** `detail`: undefined if the certificate does not exist. `wanted`: the domain, and that of TURN if it is enabled. */
export function judgeCertificate(
  detail: CertificateFacts | undefined,
  wanted: readonly string[],
  now: Date,
): Finding {
  const subject = 'certificate';
  if (!detail)
    return wrong(
      subject,
      'no certificate with this ARN exists in the account',
      'Correct "certificate", or leave it out, so that convoke requests one.',
    );
  const { Status, NotAfter } = detail;
  if (Status !== 'ISSUED') {
    return wrong(
      subject,
      `it is ${Status?.toLowerCase().replaceAll('_', ' ')}`,
      'Complete its validation in ACM, or use another certificate.',
    );
  }
  const names = [...new Set([detail.DomainName ?? '', ...(detail.SubjectAlternativeNames ?? [])])];
  const [lacking] = wanted.filter((domain) => !names.some((name) => covers(name, domain)));
  if (lacking) {
    return wrong(
      subject,
      `it is for ${names.join(', ')}, but not for ${lacking}`,
      lacking === wanted[0]
        ? 'Use a certificate for the domain, or leave "certificate" out, so that convoke requests one.'
        : 'Use a certificate for both names, or set "turn: off": participants whose network blocks UDP then have no media.',
    );
  }
  const days = NotAfter ? (NotAfter.getTime() - now.getTime()) / DAY_MS : Number.POSITIVE_INFINITY;
  const end = NotAfter?.toISOString().slice(0, 10) ?? '';
  if (days < 0)
    return wrong(subject, `it expired on ${end}`, 'Import a renewed certificate with the same ARN.');
  if (days < SOON_DAYS && detail.RenewalEligibility !== 'ELIGIBLE') {
    return wrong(
      subject,
      `it expires on ${end}, and AWS will not renew it`,
      'Import a renewed certificate with the same ARN.',
    );
  }
  return fine(subject, `valid for ${wanted.join(' and ')}${end ? `, until ${end}` : ''}`);
}

/** Whether a certificate's name matches the domain, exactly or as a wildcard. */
function covers(name: string, domain: string): boolean {
  const [first, ...rest] = domain.split('.');
  return name.toLowerCase() === domain || (Boolean(first) && name.toLowerCase() === `*.${rest.join('.')}`);
}
