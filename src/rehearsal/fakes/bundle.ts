import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** Bundles a daemon as a single file for the Node.js of Debian 13. */
export async function bundleDaemon(name: 'bridge' | 'focus'): Promise<string> {
  // Next to this file: TypeScript in the sources, JavaScript once built.
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(`daemon/${name}/main.${extension}`, import.meta.url))],
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    // Comments with the folder of each source would make the output depend on the folder.
    minifyWhitespace: true,
    legalComments: 'none',
    logLevel: 'silent',
  });
  return outputFiles[0]?.text ?? '';
}
