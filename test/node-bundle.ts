import { existsSync } from 'node:fs';
import { execa } from 'execa';

/** What stacks upload for machines and for the function that sends alerts. */
const FILES = ['convoke-node.mjs', 'convoke-warm-up.mjs', 'convoke-alerts.zip'].map(
  (name) => `dist/node-bundle/${name}`,
);

/** Makes what machines run, where nothing was built yet: no stack can be made without it. */
export default async function setup(): Promise<void> {
  if (!FILES.every((file) => existsSync(file))) await execa('node', ['scripts/bundle-node.mjs']);
}
