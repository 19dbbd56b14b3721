import type { Account } from './account.js';

interface ClientConfig {
  region: string;
  credentials: Account['credentials'];
  endpoint?: string;
  forcePathStyle?: boolean;
  maxAttempts: number;
  retryMode: string;
}

const clients = new WeakMap<Account, Map<unknown, unknown>>();

/** An AWS SDK client for this account; one of each kind. Throttled or broken answers are tried again, up to 8 times in all. */
export function client<C>(account: Account, Client: new (config: ClientConfig) => C): C {
  let known = clients.get(account);
  if (!known) {
    known = new Map();
    clients.set(account, known);
  }
  const existing = known.get(Client) as C | undefined;
  if (existing) return existing;
  const made = new Client({
    region: account.region,
    credentials: account.credentials,
    maxAttempts: 8,
    // Adaptive retries slow every call of a client down to one in two seconds once AWS throttles some.
    retryMode: 'standard',
    // Elsewhere than on AWS a bucket has no host name of its own.
    ...(account.endpoint && { endpoint: account.endpoint, forcePathStyle: true }),
  });
  known.set(Client, made);
  return made;
}

/** Whether an SDK error says that the thing is not there, in any of the ways that AWS's services say it. */
export function isAbsent(error: unknown): boolean {
  const { name, message } = error as { name?: string; message?: string };
  return (
    /NotFound|NoSuch|NonExistent|ResourceNotFound|NotExist/i.test(name ?? '') ||
    /does not exist|not found|cannot be found/i.test(message ?? '')
  );
}

/** What is asked for; undefined where AWS answers that it is not there. */
export async function ifThere<T>(ask: Promise<T>): Promise<T | undefined> {
  try {
    return await ask;
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

/** Names of errors after which no other call would be answered either: credentials that are wrong or expired, or a wrong clock. */
const OF_ALL_CALLS =
  /^(ExpiredToken|ExpiredTokenException|InvalidClientTokenId|InvalidAccessKeyId|UnrecognizedClientException|AuthFailure|RequestExpired|RequestTimeTooSkewed|SignatureDoesNotMatch|InvalidSignatureException|MissingAuthenticationToken\w*)$/;

/**
 * Whether an error is one service's answer to one call, so that other calls may still be answered. It is not where AWS
 * could not be reached, where the credentials or the clock are wrong, or where something else than AWS failed.
 */
export function isAnswer(error: unknown): boolean {
  const { name = '', $metadata } = error as { name?: string; $metadata?: { httpStatusCode?: number } };
  return $metadata?.httpStatusCode !== undefined && !OF_ALL_CALLS.test(name);
}

/**
 * Whether S3's answer to `HeadBucket` means a bucket of another account, or one that the credentials may not see. S3 then
 * answers with 403, or with 301 from another region, and without a body; the SDK calls that "Unknown" or "UnknownError".
 */
export function isBucketOfOthers(error: unknown): boolean {
  const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
  return [301, 403].includes($metadata?.httpStatusCode ?? 0);
}
