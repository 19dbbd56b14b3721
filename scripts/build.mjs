// npm run build: dist/ from src/, with the files that are not TypeScript, the node bundle, the construct's package, the
// JSON schema, and the generated parts of the documents.
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, rmSync } from 'node:fs';
import { writeTextModules } from './text-modules.mjs';

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
