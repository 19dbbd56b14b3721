import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** All that `dist/` is built from, beside the version of Node.js. */
const SOURCES = ['src', 'scripts', 'package.json', 'package-lock.json', 'tsconfig.json'];

/** A digest of the sources of `dist/` in the project's folder. */
export function sourcesDigest(root) {
  const digest = createHash('sha256').update(process.version);
  for (const source of SOURCES)
    for (const path of filesIn(join(root, source)).sort())
      digest.update(`\0${path}\0`).update(createHash('sha256').update(readFileSync(path)).digest());
  return digest.digest('hex');
}

const filesIn = (path) =>
  statSync(path).isFile()
    ? [path]
    : readdirSync(path, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && !entry.parentPath.includes('__pycache__'))
        .map((entry) => join(entry.parentPath, entry.name));
