import { ConvokeError } from '../contract/errors.js';
import { type Retry, retry } from './retry.js';

const BASE = 'http://169.254.169.254/latest';

/** The instance metadata service, version 2. */
export interface Metadata {
  /** The text at `meta-data/<path>`. */
  read(path: string): Promise<string>;
  /** The same, or undefined where the service says that there is no such thing. */
  readIfThere(path: string): Promise<string | undefined>;
}

/** A metadata service that answers now and then with an error is asked again. Default: 6 times in about 30 s. */
export function instanceMetadata(
  options: { base?: string; fetch?: typeof fetch; retry?: Partial<Retry> } = {},
): Metadata {
  const base = options.base ?? BASE;
  const send = options.fetch ?? fetch;

  async function once(path: string): Promise<string | undefined> {
    const token = await send(`${base}/api/token`, {
      method: 'PUT',
      headers: { 'x-aws-ec2-metadata-token-ttl-seconds': '60' },
      signal: AbortSignal.timeout(3_000),
    });
    if (!token.ok) throw new Error(`no token: ${token.status}`);
    const answer = await send(`${base}/meta-data/${path}`, {
      headers: { 'x-aws-ec2-metadata-token': await token.text() },
      signal: AbortSignal.timeout(3_000),
    });
    if (answer.status === 404) return undefined;
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    return (await answer.text()).trim();
  }

  const readIfThere = (path: string): Promise<string | undefined> =>
    retry(() => once(path), { attempts: 6, firstWait: 1_000, ...options.retry }).catch((cause: unknown) => {
      throw new ConvokeError('NoMetadata', {
        what: `The instance metadata service did not tell ${path}.`,
        why: String(cause),
        now: `Look whether ${base} can be reached from this machine; the launch template must leave IMDSv2 on.`,
        cause,
      });
    });

  return {
    readIfThere,
    async read(path) {
      const value = await readIfThere(path);
      if (value === undefined) {
        throw new ConvokeError('NoMetadata', {
          what: `The instance metadata service has no ${path}.`,
          now: 'convoke needs a machine on EC2, or one that has the same metadata.',
        });
      }
      return value;
    },
  };
}
