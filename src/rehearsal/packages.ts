import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Deployment, PackageSource } from '../config/deployment.js';
import type { Prepared } from './daemon-protocol.js';
import { fakesInCache, isFake } from './fakes/build.js';
import type { Paths } from './paths.js';

/** A deployment whose packages are available on this machine, and what they are. */
export interface Rehearsed {
  readonly deployment: Deployment & { readonly packages: Extract<PackageSource, { kind: 'directory' }> };
  /** `fakes`: there is no media. */
  readonly media: 'real' | 'fakes';
}

/**
 * The rehearsal's machines can only reach Debian's mirror, so Jitsi's packages come from a folder. If the file names
 * none, fakes are used.
 */
export async function rehearsedDeployment(deployment: Deployment, { cache }: Paths): Promise<Rehearsed> {
  if (deployment.packages.kind === 'directory') {
    const { path } = deployment.packages;
    const media = (await hasFakes(path)) ? 'fakes' : 'real';
    return { deployment: { ...deployment, packages: { kind: 'directory', path } }, media };
  }
  const path = await fakesInCache(cache);
  return { deployment: { ...deployment, packages: { kind: 'directory', path } }, media: 'fakes' };
}

/** What machines of a deployment start with. */
export const preparedFor = ({ packages, recording }: Rehearsed['deployment']): Prepared => ({
  packages: packages.path,
  recorder: recording !== undefined,
});

/** Whether a folder contains fakes, by package metadata and not by file name. */
async function hasFakes(folder: string): Promise<boolean> {
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.deb'))) {
    const { stdout } = await execa('dpkg-deb', ['--field', join(folder, name), 'Version'], { reject: false });
    if (isFake(stdout.trim())) return true;
  }
  return false;
}
