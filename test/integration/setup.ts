import { debianRoot } from './debian-root.js';

/** Makes the folder that the files of this project share, before two of them want it at once. */
export default async function setup(): Promise<void> {
  await debianRoot();
}
