/**
 * Errors of connections to a meeting, and their probable causes. The first match wins. Separate from `error-meanings.ts`,
 * which is about connections to AWS: ECONNREFUSED, for example, is then a matter of the user's network.
 */
const MEANINGS: readonly { readonly pattern: RegExp; readonly meaning: string }[] = [
  {
    pattern: /ENOTFOUND|EAI_AGAIN/,
    meaning: 'the name does not resolve: its DNS record is missing or has not spread yet',
  },
  {
    pattern: /ECONNREFUSED/,
    meaning: 'nothing listens there: the load balancer is not ready yet, or the name points elsewhere',
  },
  {
    pattern: /ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT/,
    meaning: 'the address does not answer: a security group or a network in between blocks the connection',
  },
  {
    pattern: /ERR_TLS_CERT_ALTNAME_INVALID/,
    meaning:
      'the certificate is for another name: the name points elsewhere, or the wrong certificate is attached',
  },
  { pattern: /CERT_HAS_EXPIRED/, meaning: 'the certificate has expired' },
  {
    pattern: /SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|CERT_UNTRUSTED|unable to (get|verify)|self.signed/i,
    meaning: 'the certificate is not from a trusted authority',
  },
  {
    pattern: /ECONNRESET|socket hang up|EPIPE|ERR_SSL|wrong version number/,
    meaning: 'the connection was cut: the load balancer is changing, or something else listens there',
  },
  {
    pattern: /answered 50[234]/,
    meaning: 'the load balancer has no healthy machine, or the daemon behind it is not up',
  },
  { pattern: /answered 404/, meaning: 'the web server does not have this path' },
  { pattern: /answered 429|policy-violation/, meaning: 'a rate limit of the deployment was exceeded' },
  {
    pattern: /Unexpected server response: (\d+)/,
    meaning: 'the WebSocket is not forwarded to Prosody',
  },
  { pattern: /answered 403/, meaning: 'the invitation was refused' },
  {
    pattern: /not-allowed/,
    meaning: 'Prosody refused the invitation: its key and that of the deployment differ, or a clock is wrong',
  },
  {
    pattern: /not-authorized|SASLError/,
    meaning: 'Prosody does not allow guests: its authentication is not anonymous',
  },
  { pattern: /TimeoutError|aborted due to timeout/, meaning: 'there was no answer in time' },
];

/** The innermost cause, with its meaning if known. Libraries wrap it in "fetch failed" and similar errors. */
export function meaning(error: unknown): string {
  let inner = error;
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause;
  if (inner instanceof AggregateError && inner.errors.length > 0) inner = inner.errors[0];
  if (!(inner instanceof Error)) return String(inner);
  const words = inner.message || inner.name;
  const code = 'code' in inner && typeof inner.code === 'string' ? inner.code : '';
  const known = MEANINGS.find(({ pattern }) => pattern.test(`${code} ${inner.name} ${words}`));
  return known ? `${known.meaning} (${words})` : words;
}
