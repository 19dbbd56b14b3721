// npm run bench -- NAME [options]: runs bench/NAME.ts against the built convoke. Without a name it lists the names.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const bench = join(root, 'bench');
const names = readdirSync(bench)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.replace(/\.ts$/, ''));
const [name, ...args] = process.argv.slice(2);
if (!names.includes(name ?? '')) {
  console.error(`Which one? There are: ${names.join(', ')}.`);
  process.exit(2);
}

/** Modules of src/ are loaded from dist/, because they look for files next to themselves. */
const built = {
  name: 'from dist',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\.?\/.*src\/.*\.js$/ }, ({ path }) => ({
      path: join(root, 'dist', path.replace(/^.*\bsrc\//, '')),
      external: true,
    }));
  },
};

const outdir = join(root, 'node_modules/.cache/convoke-bench');
const parts = join(bench, name);
await build({
  absWorkingDir: root,
  entryPoints: [
    join(bench, `${name}.ts`),
    ...(existsSync(parts) ? readdirSync(parts).map((file) => join(parts, file)) : []),
  ],
  outdir,
  outbase: bench,
  bundle: true,
  packages: 'external',
  platform: 'node',
  target: 'node20',
  format: 'esm',
  outExtension: { '.js': '.mjs' },
  plugins: [built],
  logLevel: 'warning',
});
process.exitCode =
  spawnSync(process.execPath, [join(outdir, `${name}.mjs`), ...args], { stdio: 'inherit' }).status ?? 1;
