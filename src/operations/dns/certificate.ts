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
import { poll } from '../../cloud/poll.js';
import type { Deployment } from '../../config/deployment.js';
import { ConvokeError } from '../../contract/errors.js';
import { hostNames } from '../../stack/host-names.js';
import type { OnProgress } from '../progress.js';
import type { ManualRecord } from './record.js';
import { watchRecords } from './wait-for-records.js';

/** The settings that identify a deployment's certificate. */
export type Named = Pick<Deployment, 'name' | 'domain' | 'turn'>;

export interface ProofOptions {
  readonly account: Account;
  readonly deployment: Named;
  readonly onProgress: OnProgress;
  readonly signal?: AbortSignal;
}

/** ACM creates the validation records within seconds of the request. */
const MADE_UP_PATIENCE_MS = 2 * 60_000;

/**
 * The ARN of an issued certificate for the deployment's names. Requests it once, shows the validation records, and
 * waits until ACM has found them. After an interruption it continues with the same certificate and records.
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
    title: `Add ${records.length === 1 ? 'this record' : 'these records'} at the DNS provider of ${deployment.domain}, so that the certificate is issued`,
    async pending(seen) {
      const detail = await findCertificate(account, arn);
      if (detail?.Status === 'ISSUED') return undefined;
      if (detail?.Status !== 'PENDING_VALIDATION') throw notIssued(deployment.domain, detail);
      const lacking = seen.filter(({ state }) => state === 'missing' || state === 'wrong');
      return lacking.length
        ? `${lacking.map(({ name }) => name).join(' and ')} in DNS`
        : 'ACM to find the validation record in DNS, which takes some minutes, sometimes half an hour';
    },
    onProgress,
    ...(signal && { signal }),
  });
  return arn;
}

/** The certificate of an earlier run, if it is for the current names and is issued or pending. */
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
 * The validation records of all certificates that convoke requested for the deployment, without those that another
 * certificate of the account needs.
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

/** The validation records of a certificate; empty if ACM has not created them yet. */
export const proofs = (detail: CertificateDetail | undefined): ManualRecord[] =>
  once(
    proofsOf(detail).map(({ name, value, proves }) => ({
      name,
      type: 'CNAME' as const,
      value,
      purpose: `proves ${proves}`,
    })),
  );

/** A name and its wildcard, and certificates for the same name, share one validation record. */
const once = (records: readonly ManualRecord[]): ManualRecord[] => [
  ...new Map(records.map((record) => [record.name, record])).values(),
];

async function madeUp(
  account: Account,
  arn: string,
  count: number,
  signal?: AbortSignal,
): Promise<ManualRecord[]> {
  const { last, inTime } = await poll(
    account,
    { every: 2_000, timeout: MADE_UP_PATIENCE_MS, signal },
    async () => proofs(await findCertificate(account, arn)),
    (records) => records.length >= count,
  );
  if (inTime) return last;
  throw new ConvokeError('NoProof', {
    what: `ACM did not create the validation records within ${MADE_UP_PATIENCE_MS / 60_000} minutes.`,
    why: `The certificate is ${arn}.`,
    now: 'Run the same command again: it continues with this certificate.',
  });
}

/** Deletes certificates of earlier runs that the deployment does not use. Those that are in use are left for `down`. */
export async function dropOthers(account: Account, deployment: Named, kept: string): Promise<void> {
  for (const arn of await byHand(account, deployment))
    if (arn !== kept) await deleteCertificate(account, arn).catch(() => {});
}

/** ACM's failure reasons, and what to do. */
const REFUSALS: Partial<Record<FailureReason, { why: string; now: string }>> = {
  CAA_ERROR: {
    why: 'CAA records of the domain do not allow Amazon to issue certificates.',
    now: 'Add a CAA record 0 issue "amazon.com", then run the same command again.',
  },
  DOMAIN_NOT_ALLOWED: {
    why: 'The domain is on a list of unsafe domains.',
    now: 'Have it removed from that list (VirusTotal shows which), or choose another domain.',
  },
  INVALID_PUBLIC_DOMAIN: {
    why: 'The domain does not have a valid public suffix.',
    now: 'Choose another domain.',
  },
  ADDITIONAL_VERIFICATION_REQUIRED: {
    why: 'AWS requires additional verification of this domain before it issues certificates.',
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
        ? 'ACM did not find the validation record in DNS within 72 hours.'
        : (detail?.FailureReason ?? ''),
    now: known ? known.now : 'Run the same command again: it requests another certificate.',
    fault: 'user',
  });
}
