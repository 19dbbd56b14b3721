import { join } from 'node:path';
import type { Deployment, PackageSource } from '../config/deployment.js';
import type { Paths } from './paths.js';
import { buildUnderstudies } from './understudy/build.js';

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
    return { deployment: { ...deployment, packages: { kind: 'directory', path } }, media: 'real' };
  }
  const path = join(cache, 'understudies');
  await buildUnderstudies(path);
  return { deployment: { ...deployment, packages: { kind: 'directory', path } }, media: 'understudied' };
}
