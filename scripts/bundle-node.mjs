// Bundles everything that runs on a machine into one file, for the Node.js of Debian 13.
import { build } from 'esbuild';

await build({
  entryPoints: ['src/node/main.ts'],
  outfile: 'dist/node-bundle/convoke-node.mjs',
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  minifySyntax: true,
  minifyWhitespace: true,
  keepNames: true,
  legalComments: 'none',
  // Some dependencies are CommonJS and expect `require`.
  banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
});
