import type { Account } from '../../cloud/account.js';
import { groupsNamed, templateVersions } from '../../cloud/groups.js';
import { type MachineImage, machineImages, removeMachineImage } from '../../cloud/machine-images.js';
import type { Deployment } from '../../config/deployment.js';
import { imageContents } from '../../contract/image-contents.js';
import type { ReleaseState } from '../../contract/release.js';
import { IMAGE_PARAMETER } from '../../contract/template.js';

/** Whether machines start from an image that convoke makes. Without a release it is not known what to install. */
export const startsFromOwnImage = (
  { image }: Pick<Deployment, 'image'>,
  releases: ReleaseState | undefined,
): releases is ReleaseState => image === 'baked' && releases !== undefined;

/** The parameter of the stack with the newest image for the release; none if there is no image, or none is wanted. */
export async function imageParameter(
  account: Account,
  deployment: Pick<Deployment, 'name' | 'image' | 'recording'>,
  releases: ReleaseState | undefined,
): Promise<Record<string, string>> {
  if (!startsFromOwnImage(deployment, releases)) return {};
  const contents = imageContents(releases.release, deployment.recording !== undefined);
  const image = (await machineImages(account, deployment.name)).find(
    (each) => each.state === 'available' && each.contents === contents,
  );
  return image ? { [IMAGE_PARAMETER]: image.id } : {};
}

/**
 * The images that nothing needs any more: neither what groups launch, nor the newest of the current release, nor the newest
 * of the release before, to which "upgrade --back" returns. `images`: newest first. `withRecorder`: whether the deployment's images have recorders.
 */
export function surplusImages(
  images: readonly MachineImage[],
  { release, previous }: ReleaseState,
  launched: readonly string[],
  withRecorder: boolean,
): MachineImage[] {
  const available = images.filter(({ state }) => state === 'available');
  const newest = [release, previous].map(
    (each) => each && available.find(({ contents }) => contents === imageContents(each, withRecorder))?.id,
  );
  const needed = new Set([...launched, ...newest]);
  return images.filter(({ id, state }) => state !== 'pending' && !needed.has(id));
}

/** Removes the images of a deployment that nothing needs any more. Returns how many. */
export async function removeSurplusImages(
  account: Account,
  { name, recording }: Pick<Deployment, 'name' | 'recording'>,
  releases: ReleaseState,
  groups: readonly string[],
): Promise<number> {
  const launched = await launchedImages(account, groups);
  const images = await machineImages(account, name);
  const surplus = surplusImages(images, releases, launched, recording !== undefined);
  for (const image of surplus) await removeMachineImage(account, image);
  return surplus.length;
}

/** Ids of the images that groups launch. */
async function launchedImages(account: Account, names: readonly string[]): Promise<string[]> {
  const groups = await groupsNamed(account, names);
  const versions = await Promise.all(
    groups.map(({ template, version }) => templateVersions(account, template, [version])),
  );
  return versions.flat().flatMap(({ data }) => data.ImageId ?? []);
}
