// Bundles the command line and the rehearsal's daemon over what tsc compiled, with only those parts of AWS's SDK and of zod
// that they use: loading them whole takes most of the time that a short command needs.
import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { NODE_MODULE } from './node-module.mjs';
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
  ...NODE_MODULE,
  splitting: true,
  target: 'node20',
  plugins: [textModules(), otherPackages(), ownUrls()],
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
