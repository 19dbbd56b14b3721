import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folder that `npm run build` makes. Beside compiled code, in `dist` seen from source. */
const FOLDER = ['../../fake-daemons', '../../../dist/fake-daemons']
  .map((folder) => fileURLToPath(new URL(folder, import.meta.url)))
  .reduce((beside, built) => (existsSync(beside) ? beside : built));

/** A daemon as a single file for the Node.js of Debian 13. */
export const daemonBundle = (name: 'bridge' | 'focus' | 'recorder'): string =>
  readFileSync(join(FOLDER, `${name}.cjs`), 'utf8');
