import {
  ACMClient,
  type CertificateDetail,
  DeleteCertificateCommand,
  DescribeCertificateCommand,
  ListTagsForCertificateCommand,
  paginateListCertificates,
  RequestCertificateCommand,
} from '@aws-sdk/client-acm';
import { DEPLOYMENT_TAG } from '../config/deployment.js';
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
