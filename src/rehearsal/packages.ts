import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Deployment, PackageSource } from '../config/deployment.js';
import type { Paths } from './paths.js';
import { buildUnderstudies, isUnderstudy } from './understudy/build.js';

/** A deployment whose packages are at hand on this machine, and what they are. */
export interface Rehearsed {
  readonly deployment: Deployment & { readonly packages: Extract<PackageSource, { kind: 'directory' }> };
  /** `understudied`: no media will ever flow. */
  readonly media: 'real' | 'understudied';
}

/**
 * Machines of the rehearsal have no way to the internet but Debian's mirror, so Jitsi's packages come from a folder.
 * Where the file names none, understudies take their place.
 */
export async function rehearsedDeployment(deployment: Deployment, { cache }: Paths): Promise<Rehearsed> {
  if (deployment.packages.kind === 'directory') {
    const { path } = deployment.packages;
    const media = (await hasUnderstudy(path)) ? 'understudied' : 'real';
    return { deployment: { ...deployment, packages: { kind: 'directory', path } }, media };
  }
  const path = join(cache, 'understudies');
  await buildUnderstudies(path);
  return { deployment: { ...deployment, packages: { kind: 'directory', path } }, media: 'understudied' };
}

/** Whether a folder has understudies among its packages, whatever the files are called. */
async function hasUnderstudy(folder: string): Promise<boolean> {
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.deb'))) {
    const { stdout } = await execa('dpkg-deb', ['--field', join(folder, name), 'Version'], { reject: false });
    if (isUnderstudy(stdout.trim())) return true;
  }
  return false;
}
