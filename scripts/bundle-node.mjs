// Makes dist/node-bundle/convoke-node.mjs: everything that runs on a machine, in one file for Node 20.
import { readFile, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = new URL('..', import.meta.url);
const outfile = fileURLToPath(new URL('dist/node-bundle/convoke-node.mjs', root));

/**
 * The SDK's schemas name their keys by constants, `{ [_xN]: … }`, and what a computed key does esbuild cannot know, so it
 * keeps the schemas of every action there is: of EC2 780 KiB for the one action that is asked for. With plain keys it
 * leaves out what is not used.
 */
const plainKeys = {
  name: 'plain keys in schemas',
  setup({ onLoad }) {
    onLoad({ filter: /\/dist-es\/schemas\/schemas_\d+\.js$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const constants = new Map(
        [...text.matchAll(/^const (_\w+) = ("[^"\\]*");$/gm)].map(([, name, value]) => [name, value]),
      );
      const contents = text.replace(/\[(_\w+)\]:/g, (key, name) =>
        constants.has(name) ? `${constants.get(name)}:` : key,
      );
      return { contents };
    });
  },
};

await build({
  absWorkingDir: fileURLToPath(root),
  entryPoints: ['src/node/main.ts'],
  outfile,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  plugins: [plainKeys],
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
