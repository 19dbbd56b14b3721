// npm run build: dist/ from src/, with the files that are not TypeScript, the node bundle, the construct's package, the
// JSON schema, and the generated parts of the documents. With --if-changed only if the sources differ from those of dist/.
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { sourcesDigest } from './build-digest.mjs';
import { writeTextModules } from './text-modules.mjs';

const digest = sourcesDigest('.');
const BUILT = 'dist/.sources';
if (process.argv.includes('--if-changed') && existsSync(BUILT) && readFileSync(BUILT, 'utf8') === digest)
  process.exit();

console.log('Building');
rmSync('dist', { recursive: true, force: true });
execFileSync('node_modules/.bin/tsc', ['-p', 'tsconfig.json'], { stdio: 'inherit' });
await writeTextModules('src', 'dist');
cpSync('src/rehearsal/emulator', 'dist/rehearsal/emulator', {
  recursive: true,
  filter: (path) => !path.includes('__pycache__'),
});
await import('./bundle-cli.mjs');
await import('./bundle-node.mjs');
await import('./bundle-fakes.mjs');
await import('./construct-package.mjs');
await import('./schema.mjs');
await import('./documents.mjs');
chmodSync('dist/cli/main.js', 0o755);
// Last, so that a build that was interrupted does not count.
writeFileSync(BUILT, digest);
