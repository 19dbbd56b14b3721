import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Deployment, PackageSource } from '../config/deployment.js';
import { buildFakes, isFake } from './fakes/build.js';
import type { Paths } from './paths.js';

/** A deployment whose packages are at hand on this machine, and what they are. */
export interface Rehearsed {
  readonly deployment: Deployment & { readonly packages: Extract<PackageSource, { kind: 'directory' }> };
  /** `usesFakes`: no media will ever flow. */
  readonly media: 'real' | 'usesFakes';
}

/**
 * Machines of the rehearsal have no way to the internet but Debian's mirror, so Jitsi's packages come from a folder.
 * Where the file names none, fakes take their place.
 */
export async function rehearsedDeployment(deployment: Deployment, { cache }: Paths): Promise<Rehearsed> {
  if (deployment.packages.kind === 'directory') {
    const { path } = deployment.packages;
    const media = (await hasFakes(path)) ? 'usesFakes' : 'real';
    return { deployment: { ...deployment, packages: { kind: 'directory', path } }, media };
  }
  const path = join(cache, 'fakes');
  await buildFakes(path);
  return { deployment: { ...deployment, packages: { kind: 'directory', path } }, media: 'usesFakes' };
}

/** Whether a folder has fakes among its packages, whatever the files are called. */
async function hasFakes(folder: string): Promise<boolean> {
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.deb'))) {
    const { stdout } = await execa('dpkg-deb', ['--field', join(folder, name), 'Version'], { reject: false });
    if (isFake(stdout.trim())) return true;
  }
  return false;
}
