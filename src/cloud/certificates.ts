import {
  ACMClient,
  type CertificateDetail,
  DeleteCertificateCommand,
  DescribeCertificateCommand,
  KeyAlgorithm,
  ListTagsForCertificateCommand,
  paginateListCertificates,
  RequestCertificateCommand,
} from '@aws-sdk/client-acm';
import { DEPLOYMENT_TAG } from '../contract/tags.js';
import type { Account } from './account.js';
import { client, ifThere } from './clients.js';

/**
 * Marks a certificate that convoke requested itself and the user's DNS records validate. Certificates of
 * CloudFormation for the same deployment do not have it.
 */
const PROOF_TAG = 'convoke:proof';
const BY_HAND = 'by-hand';

/** The certificate with this ARN; undefined if it does not exist. */
export async function findCertificate(account: Account, arn: string): Promise<CertificateDetail | undefined> {
  const answer = await ifThere(
    client(account, ACMClient).send(new DescribeCertificateCommand({ CertificateArn: arn })),
  );
  return answer?.Certificate;
}

/**
 * ARNs of the certificates for a domain with a deployment's tag: all of them, or those that the user's DNS records
 * validate.
 */
export async function taggedCertificates(
  account: Account,
  { deployment, domain }: { deployment: string; domain: string },
  which: 'all' | 'by hand' = 'all',
): Promise<string[]> {
  const acm = client(account, ACMClient);
  const own: string[] = [];
  for await (const page of paginateListCertificates({ client: acm }, {})) {
    for (const { CertificateArn, DomainName } of page.CertificateSummaryList ?? []) {
      if (DomainName !== domain || !CertificateArn) continue;
      const { Tags = [] } = await acm.send(new ListTagsForCertificateCommand({ CertificateArn }));
      const has = (key: string, value: string) => Tags.some((tag) => tag.Key === key && tag.Value === value);
      // The user's own certificates for the same domain do not have the tag and are kept.
      if (!has(DEPLOYMENT_TAG, deployment)) continue;
      if (which === 'all' || has(PROOF_TAG, BY_HAND)) own.push(CertificateArn);
    }
  }
  return own;
}

/** A DNS validation record of ACM. Name and value in lower case, without a trailing dot. */
export interface Proof {
  readonly name: string;
  readonly value: string;
  /** The name that it validates. */
  readonly proves: string;
}

/** The validation records of a certificate; empty if ACM has not created them yet. */
export const proofsOf = (detail: CertificateDetail | undefined): Proof[] =>
  (detail?.DomainValidationOptions ?? []).flatMap(({ ResourceRecord, DomainName = '' }) =>
    ResourceRecord?.Name && ResourceRecord.Value
      ? [{ name: plainName(ResourceRecord.Name), value: plainName(ResourceRecord.Value), proves: DomainName }]
      : [],
  );

/** Normalizes a DNS name: lower case, without a trailing dot. */
export const plainName = (name: string): string => name.toLowerCase().replace(/\.$/, '');

/** Certificates in these states are not renewed, so they no longer need their validation records. */
const ENDED = ['EXPIRED', 'FAILED', 'REVOKED', 'VALIDATION_TIMED_OUT'];

/** CloudFront uses only certificates of this region. */
const CLOUDFRONT_REGION = 'us-east-1';

/**
 * Other certificates of the account that need the validation record of each name. ACM uses the same record for all
 * certificates of a name in an account, in all regions; this checks the deployment's region and us-east-1.
 */
export async function othersProvenBy(
  account: Account,
  names: readonly string[],
  own: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, string[]>(names.map((name) => [name, []]));
  if (names.length === 0) return found;
  for (const region of new Set([account.region, CLOUDFRONT_REGION])) {
    const pages = paginateListCertificates(
      { client: client({ ...account, region }, ACMClient) },
      // By default ACM lists only certificates with RSA 2048 keys.
      { Includes: { keyTypes: Object.values(KeyAlgorithm) } },
    );
    for await (const { CertificateSummaryList = [] } of pages) {
      for (const summary of CertificateSummaryList) {
        const { CertificateArn = '', DomainName = '', SubjectAlternativeNameSummaries = [] } = summary;
        const isProven = summary.Type !== 'IMPORTED' && summary.Type !== 'PRIVATE';
        if (!isProven || own.includes(CertificateArn) || ENDED.includes(summary.Status ?? '')) continue;
        const its = [DomainName, ...SubjectAlternativeNameSummaries].map((name) => name.replace(/^\*\./, ''));
        // ACM lists at most a hundred names of a certificate.
        for (const [name, arns] of found)
          if (its.includes(name) || summary.HasAdditionalSubjectAlternativeNames) arns.push(CertificateArn);
      }
    }
  }
  return found;
}

/** Requests a certificate with DNS validation for these names, the domain first. Returns its ARN. */
export async function requestCertificate(
  account: Account,
  deployment: string,
  names: readonly string[],
): Promise<string> {
  const answer = await client(account, ACMClient).send(
    new RequestCertificateCommand({
      DomainName: names[0],
      SubjectAlternativeNames: [...names],
      ValidationMethod: 'DNS',
      Tags: [
        { Key: DEPLOYMENT_TAG, Value: deployment },
        { Key: PROOF_TAG, Value: BY_HAND },
      ],
    }),
  );
  return answer.CertificateArn ?? '';
}

/** Throws while a load balancer uses it. */
export async function deleteCertificate(account: Account, arn: string): Promise<void> {
  await client(account, ACMClient).send(new DeleteCertificateCommand({ CertificateArn: arn }));
}
