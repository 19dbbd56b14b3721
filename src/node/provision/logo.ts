import { chmod, rename } from 'node:fs/promises';
import { logoFile } from '../../contract/machine-layout.js';
import type { ShardSpec } from '../../contract/machine-spec.js';
import type { Log } from './log.js';
import { fetchObject } from './s3.js';

/** Fetches the logo into the folder that nginx serves it from. */
export async function fetchLogo({ logo, region }: ShardSpec, log: Log): Promise<void> {
  if (!logo) return;
  const path = logoFile(logo.type);
  await fetchObject({ region, bucket: logo.bucket, key: logo.key }, `${path}.new`, log);
  await chmod(`${path}.new`, 0o644);
  await rename(`${path}.new`, path);
}
