import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { textModules } from '../../scripts/text-modules.mjs';

/** Bundles TypeScript with all its imports as one module for the Node.js of another root. Paths start at the project's folder. */
export async function bundled(source: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: fileURLToPath(new URL('../..', import.meta.url)), loader: 'ts' },
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    plugins: [textModules()],
    banner: {
      js: "import { createRequire as make } from 'node:module'; const require = make(import.meta.url);",
    },
  });
  return outputFiles?.[0]?.text ?? '';
}
