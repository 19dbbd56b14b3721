import type { CertificateDetail, FailureReason } from '@aws-sdk/client-acm';
import type { Account } from '../../cloud/account.js';
import {
  deleteCertificate,
  findCertificate,
  othersProvenBy,
  proofsOf,
  requestCertificate,
  taggedCertificates,
} from '../../cloud/certificates.js';
import type { Deployment } from '../../config/deployment.js';
import { ConvokeError } from '../../contract/errors.js';
import { hostNames } from '../../stack/public-names.js';
import type { OnProgress } from '../progress.js';
import type { ManualRecord } from './record.js';
import { watchRecords } from './wait-for-records.js';

/** What a deployment is known by here. */
export type Named = Pick<Deployment, 'name' | 'domain' | 'turn'>;

/** Whether the certificate is one that convoke asks for and a person's records prove. */
export const isProvenManually = ({ dns, certificate }: Pick<Deployment, 'dns' | 'certificate'>): boolean =>
  dns.kind === 'manual' && !certificate;

export interface ProofOptions {
  readonly account: Account;
  readonly deployment: Named;
  readonly onProgress: OnProgress;
  readonly signal?: AbortSignal;
}

/** ACM makes up the records within seconds of being asked for a certificate. */
const MADE_UP_PATIENCE_MS = 2 * 60_000;

/**
 * The ARN of an issued certificate for the deployment's names. It is asked for once, shows the records that prove the
 * domain, and waits until ACM has found them. After an interruption it goes on with the same certificate and records.
 */
export async function provenCertificate(options: ProofOptions): Promise<string> {
  const { account, deployment, onProgress, signal } = options;
  const names = hostNames(deployment);
  const arn =
    (await current(account, deployment))?.CertificateArn ??
    (await requestCertificate(account, deployment.name, names));
  const records = await madeUp(account, arn, names.length, signal);
  await watchRecords({
    account,
    records,
    title: `Add ${records.length === 1 ? 'this record' : 'these records'} where the zone of ${deployment.domain} is kept, so that the certificate is issued`,
    async pending(seen) {
      const detail = await findCertificate(account, arn);
      if (detail?.Status === 'ISSUED') return undefined;
      if (detail?.Status !== 'PENDING_VALIDATION') throw notIssued(deployment.domain, detail);
      const lacking = seen.filter(({ state }) => state === 'missing' || state === 'wrong');
      return lacking.length
        ? `${lacking.map(({ name }) => name).join(' and ')} in DNS`
        : 'AWS to find the proof in DNS, which takes it some minutes, at times half an hour';
    },
    onProgress,
    ...(signal && { signal }),
  });
  return arn;
}

/** The certificate that an earlier run asked for, if it is for the names of today and can still be proven. */
export async function current(account: Account, deployment: Named): Promise<CertificateDetail | undefined> {
  const names = hostNames(deployment);
  const fitting: CertificateDetail[] = [];
  for (const arn of await byHand(account, deployment)) {
    const detail = await findCertificate(account, arn);
    const own = new Set(detail?.SubjectAlternativeNames ?? []);
    if (detail && own.size === names.length && names.every((name) => own.has(name))) fitting.push(detail);
  }
  return (['ISSUED', 'PENDING_VALIDATION'] as const)
    .map((status) => fitting.find(({ Status }) => Status === status))
    .find(Boolean);
}

/**
 * The records that prove any certificate that was ever asked for, whatever names it was for, and that no other certificate
 * of the account needs.
 */
export async function ownValidationRecordsOnly(
  account: Account,
  deployment: Pick<Named, 'name' | 'domain'>,
): Promise<ManualRecord[]> {
  const arns = await byHand(account, deployment);
  const details = await Promise.all(arns.map((arn) => findCertificate(account, arn)));
  const all = once(details.flatMap(proofs));
  const proven = ({ name }: ManualRecord) => name.replace(/^_[0-9a-z]+\./, '');
  const others = await othersProvenBy(account, all.map(proven), arns);
  return all.filter((record) => !others.get(proven(record))?.length);
}

const byHand = (account: Account, { name, domain }: Pick<Named, 'name' | 'domain'>) =>
  taggedCertificates(account, { deployment: name, domain }, 'by hand');

/** The records that prove a certificate's names; none yet where ACM has not made them up. */
export const proofs = (detail: CertificateDetail | undefined): ManualRecord[] =>
  once(
    proofsOf(detail).map(({ name, value, proves }) => ({
      name,
      type: 'CNAME' as const,
      value,
      purpose: `proves ${proves}`,
    })),
  );

/** Names that differ by a wildcard only, and certificates for the same name, are proven by one record. */
const once = (records: readonly ManualRecord[]): ManualRecord[] => [
  ...new Map(records.map((record) => [record.name, record])).values(),
];

async function madeUp(
  account: Account,
  arn: string,
  count: number,
  signal?: AbortSignal,
): Promise<ManualRecord[]> {
  const deadline = account.clock.now().getTime() + MADE_UP_PATIENCE_MS;
  for (;;) {
    const records = proofs(await findCertificate(account, arn));
    if (records.length >= count) return records;
    if (account.clock.now().getTime() > deadline) {
      throw new ConvokeError('NoProof', {
        what: `ACM has not said within ${MADE_UP_PATIENCE_MS / 60_000} minutes how to prove the domain.`,
        why: `The certificate is ${arn}.`,
        now: 'Run the same command again: it goes on with this certificate.',
      });
    }
    await account.clock.wait(account.endpoint ? 100 : 2_000, signal);
  }
}

/** Removes certificates that an earlier run asked for and that this deployment does not use; one in use by something else stays for `down`. */
export async function dropOthers(account: Account, deployment: Named, kept: string): Promise<void> {
  for (const arn of await byHand(account, deployment))
    if (arn !== kept) await deleteCertificate(account, arn).catch(() => {});
}

/** Why ACM does not issue a certificate, by its own word, and what to do. */
const REFUSALS: Partial<Record<FailureReason, { why: string; now: string }>> = {
  CAA_ERROR: {
    why: 'CAA records of the domain let only others issue certificates.',
    now: 'Add a CAA record 0 issue "amazon.com", then run the same command again.',
  },
  DOMAIN_NOT_ALLOWED: {
    why: 'A browser maker’s list says that the domain is dangerous.',
    now: 'Have it taken off that list (VirusTotal shows which), or choose another domain.',
  },
  INVALID_PUBLIC_DOMAIN: {
    why: 'The domain is not below a public ending.',
    now: 'Choose another domain.',
  },
  ADDITIONAL_VERIFICATION_REQUIRED: {
    why: 'AWS wants to look at this domain itself before it issues certificates for it.',
    now: 'Ask AWS Support to allow certificates for the domain, then run the same command again.',
  },
};

export function notIssued(
  domain: string,
  detail: Pick<CertificateDetail, 'Status' | 'FailureReason'> | undefined,
): ConvokeError {
  const status = detail?.Status?.toLowerCase().replaceAll('_', ' ') ?? 'gone';
  const known = detail?.FailureReason && REFUSALS[detail.FailureReason];
  return new ConvokeError('CertificateNotIssued', {
    what: `The certificate for ${domain} is ${status}.`,
    why: known
      ? known.why
      : detail?.Status === 'VALIDATION_TIMED_OUT'
        ? 'ACM did not find the proof in DNS within 72 hours.'
        : (detail?.FailureReason ?? ''),
    now: known ? known.now : 'Run the same command again: it asks for another one.',
    fault: 'person',
  });
}
