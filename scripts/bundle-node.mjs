// Makes dist/node-bundle: what runs on machines, for Node 20. Every machine has convoke-node.mjs; bridges also have
// convoke-warm-up.mjs, which is WebRTC and nothing that a shard needs;
// recorders have convoke-recording.mjs, which is S3's client. convoke-alerts.zip is the function that sends
// alerts, for Lambda.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { zipSync } from 'fflate';
import { NODE_MODULE } from './node-module.mjs';
import { englishOnly, fromOtherBundle, plainKeys } from './smaller.mjs';
import { textModules } from './text-modules.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'dist/node-bundle');
const WARM_UP = 'convoke-warm-up.mjs';
const RECORDING = 'convoke-recording.mjs';
const ALERTS = 'convoke-alerts.zip';

await put(
  'convoke-node.mjs',
  await bundle('src/node/main.ts', 'node20', [
    fromOtherBundle(/\/warm-up\.js$/, WARM_UP),
    fromOtherBundle(/\/recorder\/bucket\.js$|^\.\/bucket\.js$/, RECORDING),
    plainKeys(),
    englishOnly(),
  ]),
);
await put(WARM_UP, await bundle('src/node/agent/warm-up/warm-up.ts', 'node20', [englishOnly()]));
await put(RECORDING, await bundle('src/node/agent/recorder/bucket.ts', 'node20', [plainKeys()]));
await put(
  ALERTS,
  zipSync(
    { 'index.mjs': await bundle('src/alerts/main.ts', 'node22', [plainKeys(), englishOnly()]) },
    // The same sources always give the same bytes.
    { level: 9, mtime: new Date(1980, 0, 1) },
  ),
);

async function put(file, bytes) {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, file), bytes);
  console.log(`${file}: ${Math.round(bytes.byteLength / 1024)} KiB`);
}

async function bundle(entry, target, plugins) {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    write: false,
    outdir: folder,
    ...NODE_MODULE,
    target,
    plugins: [textModules(), ...plugins],
    minifyWhitespace: true,
  });
  return outputFiles[0].contents;
}
