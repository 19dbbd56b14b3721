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

/**
 * The AWS SDK client of a service for this account, created once. Throttled and failed requests are retried, up to 8
 * attempts in total.
 */
export function client<C>(account: Account, Client: new (config: ClientConfig) => C): C {
  let known = clients.get(account);
  if (!known) {
    known = new Map();
    clients.set(account, known);
  }
  const existing = known.get(Client) as C | undefined;
  if (existing) return existing;
  const created = new Client({
    region: account.region,
    credentials: account.credentials,
    maxAttempts: 8,
    // Adaptive mode slows all calls of a client to one in two seconds once AWS throttles some.
    retryMode: 'standard',
    // Outside of AWS, buckets do not have their own host names.
    ...(account.endpoint && { endpoint: account.endpoint, forcePathStyle: true }),
  });
  known.set(Client, created);
  return created;
}

/** Whether an SDK error means that the resource does not exist, in the various forms of AWS's services. */
export function isAbsent(error: unknown): boolean {
  const { name, message } = error as { name?: string; message?: string };
  return (
    /NotFound|NoSuch|NonExistent|ResourceNotFound|NotExist/i.test(name ?? '') ||
    /does not exist|not found|cannot be found/i.test(message ?? '')
  );
}

/** The result of a request; undefined if the resource does not exist. */
export async function ifThere<T>(ask: Promise<T>): Promise<T | undefined> {
  try {
    return await ask;
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

/** Names of errors that affect all calls: invalid or expired credentials, or a wrong clock. */
const AFFECTS_ALL_CALLS =
  /^(ExpiredToken|ExpiredTokenException|InvalidClientTokenId|InvalidAccessKeyId|UnrecognizedClientException|AuthFailure|RequestExpired|RequestTimeTooSkewed|SignatureDoesNotMatch|InvalidSignatureException|MissingAuthenticationToken\w*)$/;

/**
 * Whether an error is a service's response to one call, so that other calls may still succeed. False if AWS could not
 * be reached, if the credentials or the clock are wrong, or if the error is not from AWS.
 */
export function isAnswer(error: unknown): boolean {
  const { name = '', $metadata } = error as { name?: string; $metadata?: { httpStatusCode?: number } };
  return $metadata?.httpStatusCode !== undefined && !AFFECTS_ALL_CALLS.test(name);
}

/**
 * Whether S3's response to `HeadBucket` means a bucket of another account, or one that the credentials may not
 * access. S3 then responds with 403, or with 301 for another region, and without a body; the SDK names that error
 * "Unknown" or "UnknownError".
 */
export function isBucketOfOthers(error: unknown): boolean {
  const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
  return [301, 403].includes($metadata?.httpStatusCode ?? 0);
}
