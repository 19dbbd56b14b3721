// Makes dist/node-bundle: what runs on machines, for Node 20. Every machine has convoke-node.mjs; bridges also have
// convoke-warm-up.mjs, which is WebRTC and nothing that a shard needs.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { englishOnly, fromOtherBundle, plainKeys } from './smaller.mjs';
import { textModules } from './text-modules.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'dist/node-bundle');
const WARM_UP = 'convoke-warm-up.mjs';

await bundle('src/node/main.ts', 'convoke-node.mjs', [
  fromOtherBundle(/\/warm-up\.js$/, WARM_UP),
  plainKeys(),
  englishOnly(),
]);
await bundle('src/node/agent/warm-up/warm-up.ts', WARM_UP, [englishOnly()]);

async function bundle(entry, file, plugins) {
  const outfile = join(folder, file);
  await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    plugins: [textModules(), ...plugins],
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
  console.log(`${file}: ${Math.round(size / 1024)} KiB`);
}
