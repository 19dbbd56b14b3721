// Bundles the command line and the rehearsal's daemon over what tsc compiled, with only those parts of AWS's SDK and of zod
// that they use: loading them whole takes most of the time that a short command needs.
import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { textModules } from './text-modules.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = join(root, 'src');
const BUNDLED = /^(@aws-sdk|@smithy|@aws-crypto|@aws|zod|tslib)(\/|$)/;

await build({
  absWorkingDir: root,
  entryPoints: ['src/cli/main.ts', 'src/rehearsal/daemon.ts'],
  outdir: 'dist',
  outbase: 'src',
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  plugins: [textModules(), otherPackages(), ownUrls()],
  mainFields: ['module', 'main'],
  minifySyntax: true,
  legalComments: 'none',
  banner: {
    js: "import { createRequire as convokeCreateRequire } from 'node:module'; const require = convokeCreateRequire(import.meta.url);",
  },
  logLevel: 'warning',
});

/** All other packages are loaded from node_modules. */
function otherPackages() {
  return {
    name: 'other packages',
    setup({ onResolve }) {
      onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
        kind === 'entry-point' || BUNDLED.test(path) ? undefined : { path, external: true },
      );
    },
  };
}

/** `import.meta.url` stays the address of the compiled module. All output is in folders directly below `dist`. */
function ownUrls() {
  return {
    name: 'own URLs',
    setup({ onLoad }) {
      onLoad({ filter: /\/src\/.*\.ts$/ }, async ({ path }) => {
        const text = await readFile(path, 'utf8');
        if (!text.includes('import.meta.url')) return undefined;
        const own = JSON.stringify(`../${relative(source, path).replace(/\.ts$/, '.js')}`);
        return {
          contents: text.replaceAll('import.meta.url', `new URL(${own}, import.meta.url).href`),
          loader: 'ts',
        };
      });
    },
  };
}
