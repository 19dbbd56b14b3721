// Code that convoke carries as text: Lua for Prosody, and scripts for the browser. Each is a file that its own linter and type
// checker read. `import text from './NAME.text.js'` is the text of NAME.lua, or the script that NAME.ts compiles to.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';

const SUFFIX = '.text.js';

/** What a text module exports, by the path that an import of it resolves to. */
async function textOf(path) {
  const source = path.slice(0, -SUFFIX.length);
  if (existsSync(`${source}.lua`)) return readFileSync(`${source}.lua`, 'utf8');
  const { outputFiles } = await build({
    entryPoints: [`${source}.ts`],
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'iife',
    // All browsers that Jitsi Meet supports.
    target: 'es2020',
    charset: 'utf8',
    loader: { '.css': 'text' },
    // Without comments, which would have the folder that the build ran in.
    minifyWhitespace: true,
    legalComments: 'none',
    logLevel: 'silent',
  });
  return outputFiles[0].text;
}

const moduleOf = async (path) => `export default ${JSON.stringify(await textOf(path))};\n`;

/** For bundles made by esbuild. */
export const textModules = () => ({
  name: 'text modules',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\.text\.js$/ }, ({ path, resolveDir }) => ({
      path: join(resolveDir, path),
      namespace: 'text',
    }));
    onLoad({ filter: /./, namespace: 'text' }, async ({ path }) => ({ contents: await moduleOf(path) }));
  },
});

/** For tests, which vitest runs from the sources. */
export const textModulesForVite = () => ({
  name: 'text modules',
  enforce: 'pre',
  resolveId: (path, importer) =>
    path.endsWith(SUFFIX) && importer ? join(dirname(importer), path) : undefined,
  // Compiled code has text modules of its own.
  load: (id) => (id.endsWith(SUFFIX) && !existsSync(id) ? moduleOf(id) : undefined),
});

/** For Node.js, beside the modules that tsc compiled: `from` is the folder of the sources, `to` that of the compiled modules. */
export async function writeTextModules(from, to) {
  for (const file of readdirSync(from, { recursive: true }).filter((name) => name.endsWith('.ts'))) {
    for (const [, path] of readFileSync(join(from, file), 'utf8').matchAll(/ from '(\.[^']*\.text\.js)'/g)) {
      const module = join(dirname(file), path);
      mkdirSync(dirname(join(to, module)), { recursive: true });
      writeFileSync(join(to, module), await moduleOf(join(from, module)));
    }
  }
}
