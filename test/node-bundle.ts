import { existsSync } from 'node:fs';
import { execa } from 'execa';

/** Bundles that stacks upload for machines and for the function that sends alerts. */
const FILES = ['convoke-node.mjs', 'convoke-warm-up.mjs', 'convoke-alerts.zip'].map(
  (name) => `dist/node-bundle/${name}`,
);

/** Builds the bundles for machines if they do not exist, because stacks need them. */
export default async function setup(): Promise<void> {
  if (!FILES.every((file) => existsSync(file))) await execa('node', ['scripts/bundle-node.mjs']);
}
