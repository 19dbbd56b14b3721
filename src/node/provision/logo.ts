import { chmod, rename } from 'node:fs/promises';
import { logoFile } from '../../contract/machine-layout.js';
import type { ShardSpec } from '../../contract/machine-spec.js';
import type { Log } from './console.js';
import { fetchObject } from './s3.js';

/** Fetches the logo to where nginx serves it from. */
export async function fetchLogo({ logo, region }: ShardSpec, say: Log): Promise<void> {
  if (!logo) return;
  const path = logoFile(logo.type);
  await fetchObject({ region, bucket: logo.bucket, key: logo.key }, `${path}.new`, say);
  await chmod(`${path}.new`, 0o644);
  await rename(`${path}.new`, path);
}
