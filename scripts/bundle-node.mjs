// Makes dist/node-bundle/convoke-node.mjs: everything that runs on a machine, in one file for Node 20.
import { stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = new URL('..', import.meta.url);
const outfile = fileURLToPath(new URL('dist/node-bundle/convoke-node.mjs', root));

await build({
  absWorkingDir: fileURLToPath(root),
  entryPoints: ['src/node/main.ts'],
  outfile,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  // Modules are smaller than the same in CommonJS, because what is not used is left out.
  mainFields: ['module', 'main'],
  minifySyntax: true,
  minifyWhitespace: true,
  // Stack traces stay readable, and the same sources always give the same bytes.
  minifyIdentifiers: false,
  legalComments: 'none',
  // A few dependencies are CommonJS and ask for `require`.
  banner: {
    js: "import { createRequire as convokeCreateRequire } from 'node:module'; const require = convokeCreateRequire(import.meta.url);",
  },
  logLevel: 'warning',
});

const { size } = await stat(outfile);
console.log(`node bundle: ${Math.round(size / 1024)} KiB`);
