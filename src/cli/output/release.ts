import type { Release } from '../../contract/release.js';

/** The release of a deployment and where it comes from, in a sentence. */
export const releaseLine = ({ name, source, date }: Release): string =>
  `Jitsi release ${name}, from ${source === 'folder' ? 'the folder of packages' : source}${date ? ` of ${date}` : ''}.`;
