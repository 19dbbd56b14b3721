import { chmod, rename } from 'node:fs/promises';
import type { CellSpec } from '../machine-spec.js';
import { logoFile } from '../render/web-settings.js';
import type { Say } from './console.js';
import { fetchObject } from './s3.js';

/** Fetches the logo to where nginx serves it from. */
export async function fetchLogo({ logo, region }: CellSpec, say: Say): Promise<void> {
  if (!logo) return;
  const path = logoFile(logo.type);
  await fetchObject({ region, bucket: logo.bucket, key: logo.key }, `${path}.new`, say);
  await chmod(`${path}.new`, 0o644);
  await rename(`${path}.new`, path);
}
