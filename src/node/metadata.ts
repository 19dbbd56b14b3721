import { fromInstanceMetadata } from '@aws-sdk/credential-providers';
import { ConvokeError } from '../contract/errors.js';
import { type Retry, retry } from './retry.js';

const BASE = 'http://169.254.169.254/latest';

/** The instance metadata service, version 2. */
export interface Metadata {
  /** The text at `meta-data/<path>`. */
  read(path: string): Promise<string>;
  /** The same, or undefined if the service answers 404. */
  readIfThere(path: string): Promise<string | undefined>;
}

/** Client of the metadata service, with retries. Default: 6 attempts within about 30 s. */
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
        what: `The instance metadata service did not return ${path}.`,
        why: String(cause),
        now: `Check that ${base} can be reached from this machine, and that the launch template enables IMDSv2.`,
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
          now: 'convoke requires an EC2 instance, or a machine with the same metadata service.',
        });
      }
      return value;
    },
  };
}

// The SDK is pinned to a version that supports Debian 13's Node 20, so its deprecation warning is irrelevant here.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

/** Credentials of the machine's role from the metadata service. A new role may take some seconds to appear. */
export const instanceCredentials = fromInstanceMetadata({ timeout: 3_000, maxRetries: 10 });
