import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sourcesDigest } from '../../scripts/build-digest.mjs';

// "npm test" and "npm run rehearse" build only if this digest is not that of the last complete build.
const root = mkdtempSync(join(tmpdir(), 'convoke-sources-'));
const write = (path: string, text: string) => writeFileSync(join(root, path), text);

beforeAll(() => {
  for (const folder of ['src/cli', 'scripts', 'src/rehearsal/__pycache__'])
    mkdirSync(join(root, folder), { recursive: true });
  for (const file of [
    'package.json',
    'package-lock.json',
    'tsconfig.json',
    'src/cli/up.ts',
    'scripts/build.mjs',
  ])
    write(file, '1');
});
afterAll(() => rmSync(root, { recursive: true }));

it.each<[string, () => void]>([
  ['a source', () => write('src/cli/up.ts', '2')],
  ['a script', () => write('scripts/build.mjs', '2')],
  ['the locked dependencies', () => write('package-lock.json', '2')],
  ['the name of a source', () => renameSync(join(root, 'src/cli/up.ts'), join(root, 'src/cli/down.ts'))],
  ['the number of sources', () => write('src/cli/empty.ts', '')],
])('changes with %s', (_, change) => {
  const before = sourcesDigest(root);
  expect(sourcesDigest(root)).toBe(before);
  change();
  expect(sourcesDigest(root)).not.toBe(before);
});

it('does not change with what Python leaves behind', () => {
  const before = sourcesDigest(root);
  write('src/rehearsal/__pycache__/x.pyc', '1');
  write('README.md', '1');
  expect(sourcesDigest(root)).toBe(before);
});
