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
 * Tells a certificate that convoke asked for itself, and a person's records prove, from one that CloudFormation made for
 * the same deployment.
 */
const PROOF_TAG = 'convoke:proof';
const BY_HAND = 'by-hand';

/** The account's certificate of that ARN, or undefined when there is none (any more). */
export async function findCertificate(account: Account, arn: string): Promise<CertificateDetail | undefined> {
  const answer = await ifThere(
    client(account, ACMClient).send(new DescribeCertificateCommand({ CertificateArn: arn })),
  );
  return answer?.Certificate;
}

/** ARNs of the certificates for a domain that carry a deployment's tag: all of them, or those that a person's records prove. */
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
      // A certificate that the person made for the same domain carries no such tag and stays.
      if (!has(DEPLOYMENT_TAG, deployment)) continue;
      if (which === 'all' || has(PROOF_TAG, BY_HAND)) own.push(CertificateArn);
    }
  }
  return own;
}

/** A record that proves a name to ACM. Name and value in lower case, without a dot at the end. */
export interface Proof {
  readonly name: string;
  readonly value: string;
  /** The name that it proves. */
  readonly proves: string;
}

/** The records that prove a certificate's names; none yet where ACM has not made them up. */
export const proofsOf = (detail: CertificateDetail | undefined): Proof[] =>
  (detail?.DomainValidationOptions ?? []).flatMap(({ ResourceRecord, DomainName = '' }) =>
    ResourceRecord?.Name && ResourceRecord.Value
      ? [{ name: plainName(ResourceRecord.Name), value: plainName(ResourceRecord.Value), proves: DomainName }]
      : [],
  );

/** A DNS name as it is compared: in lower case, without a dot at the end. */
export const plainName = (name: string): string => name.toLowerCase().replace(/\.$/, '');

/** Certificates in these states are not renewed, so that nothing depends on their proof any more. */
const ENDED = ['EXPIRED', 'FAILED', 'REVOKED', 'VALIDATION_TIMED_OUT'];

/** CloudFront takes its certificates from there, wherever everything else is. */
const CLOUDFRONT_REGION = 'us-east-1';

/**
 * The account's other certificates that a record `_….<name>` proves too, for each of the names. ACM gives all certificates
 * of a name in an account the same record, in whatever region; those of this region and of us-east-1 are looked at.
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
      // Without this ACM lists no certificate but those with keys of RSA 2048.
      { Includes: { keyTypes: Object.values(KeyAlgorithm) } },
    );
    for await (const { CertificateSummaryList = [] } of pages) {
      for (const summary of CertificateSummaryList) {
        const { CertificateArn = '', DomainName = '', SubjectAlternativeNameSummaries = [] } = summary;
        const isProven = summary.Type !== 'IMPORTED' && summary.Type !== 'PRIVATE';
        if (!isProven || own.includes(CertificateArn) || ENDED.includes(summary.Status ?? '')) continue;
        const its = [DomainName, ...SubjectAlternativeNameSummaries].map((name) => name.replace(/^\*\./, ''));
        // Of more than a hundred names ACM lists only some.
        for (const [name, arns] of found)
          if (its.includes(name) || summary.HasAdditionalSubjectAlternativeNames) arns.push(CertificateArn);
      }
    }
  }
  return found;
}

/** Asks for a certificate for these names, the domain first, which records in DNS prove. Answers its ARN. */
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
