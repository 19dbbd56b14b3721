import { PORTS } from '../../contract/ports.js';

/** Milliseconds. Prosody answers from memory. */
const TIMEOUT = 3_000;

/** Asks one of convoke's Prosody modules a question, which is answered with yes or no. Rejects without an answer. */
export async function askProsody(
  domain: string,
  path: string,
  query: Readonly<Record<string, string>>,
  base = `http://127.0.0.1:${PORTS.prosodyHttp}`,
): Promise<boolean> {
  const answer = await fetch(`${base}${path}?${new URLSearchParams(query)}`, {
    headers: { host: domain },
    signal: AbortSignal.timeout(TIMEOUT),
  });
  const text = await answer.text();
  if (answer.status === 200 && (text === 'yes' || text === 'no')) return text === 'yes';
  throw new Error(`Prosody answered ${answer.status} to ${path}`);
}
