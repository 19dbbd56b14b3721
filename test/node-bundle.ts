import { existsSync } from 'node:fs';
import { execa } from 'execa';

/** What runs on machines, and the function that sends alerts: by the script that bundles them. */
const BUNDLES = {
  'scripts/bundle-node.mjs': ['convoke-node.mjs', 'convoke-warm-up.mjs', 'convoke-alerts.zip'].map(
    (name) => `dist/node-bundle/${name}`,
  ),
  'scripts/bundle-fakes.mjs': ['dist/fake-daemons/bridge.cjs', 'dist/fake-daemons/focus.cjs'],
};

/** Builds the bundles for machines if they do not exist, because stacks and fakes need them. */
export default async function setup(): Promise<void> {
  for (const [script, files] of Object.entries(BUNDLES))
    if (!files.every((file) => existsSync(file))) await execa('node', [script]);
}
