/** Files that machines fetch: where the node bundle is, and hashes of packages. Without CDK, which takes long to load. */

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folder that `npm run build` makes, with what runs on machines. Beside compiled code, in `dist` seen from source. */
export const NODE_BUNDLE_FOLDER = ['../node-bundle', '../../dist/node-bundle']
  .map((folder) => fileURLToPath(new URL(folder, import.meta.url)))
  .reduce((beside, built) => (existsSync(beside) ? beside : built));

/** What every machine runs. */
export const NODE_BUNDLE = join(NODE_BUNDLE_FOLDER, 'convoke-node.mjs');
/** What a Videobridge is warmed up with: WebRTC, nearly as large as all the rest, and of no use without a bridge. */
export const WARM_UP_BUNDLE = join(NODE_BUNDLE_FOLDER, 'convoke-warm-up.mjs');

/** S3's client, nearly as large as all the rest, with which recorders upload recordings. */
export const RECORDING_BUNDLE = join(NODE_BUNDLE_FOLDER, 'convoke-recording.mjs');

export const sha256 = (bytes: string | Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** Key under which the archive of a folder's packages is uploaded: CDK hashes a given hash once more. */
export const archiveKey = (folder: string): string => `${sha256(folderHash(folder))}.zip`;

/** A hash of a folder of packages that changes when a package is added, removed or changed. */
export const folderHash = (folder: string): string =>
  sha256(
    readdirSync(folder)
      .sort()
      .map((name) => `${name} ${sha256(readFileSync(join(folder, name)))}`)
      .join('\n'),
  );
