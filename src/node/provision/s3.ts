import { instanceCredentials } from '../metadata.js';
import { retry } from '../retry.js';
import { run } from './command.js';
import type { Log } from './log.js';

export interface ObjectSource {
  readonly region: string;
  readonly bucket: string;
  readonly key: string;
}

/** Fetches an object with the machine's role. curl signs the request, so the bundle needs no S3 client. */
export async function fetchObject(source: ObjectSource, path: string, log: Log): Promise<void> {
  await retry(
    async () => {
      const { accessKeyId, secretAccessKey, sessionToken } = await instanceCredentials();
      const settings: [string, string][] = [
        ['url', objectUrl(source)],
        ['aws-sigv4', `aws:amz:${source.region}:s3`],
        ['user', `${accessKeyId}:${secretAccessKey}`],
        ['output', path],
      ];
      if (sessionToken) settings.push(['header', `x-amz-security-token: ${sessionToken}`]);
      const flags = ['--config', '-', '--fail', '--silent', '--show-error', '--connect-timeout', '10'];
      // Credentials go through standard input: every process can read arguments.
      await run('curl', flags, {
        input: settings.map(([name, value]) => `${name} = ${curl(value)}\n`).join(''),
      });
    },
    {
      attempts: 6,
      firstWait: 2_000,
      onFailure: (error, pause) =>
        log(`${source.key} could not be fetched, retrying in ${pause / 1_000} s: ${String(error)}`),
    },
  );
}

export function objectUrl({ region, bucket, key }: ObjectSource): string {
  return `https://${bucket}.s3.${region}.amazonaws.com/${key.split('/').map(encodeURIComponent).join('/')}`;
}

/** A value in a curl configuration file. */
function curl(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
