import { debianRoot } from './debian-root.js';

/** Creates the folder that the files of this project share, before two of them create it concurrently. */
export default async function setup(): Promise<void> {
  await debianRoot();
}
