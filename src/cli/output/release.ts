import type { Release } from '../../contract/release.js';

/** The release of a deployment and where it comes from, in a sentence. */
export const releaseLine = ({ name, source, date }: Release): string =>
  `Jitsi release ${name}, from ${source === 'folder' ? 'the folder of packages' : source}${date ? ` of ${date}` : ''}.`;

/** Where the changes of a release are described; undefined if it is not one of Jitsi's own. */
export function releaseNotes({ name, source }: Release): string | undefined {
  const [, build] = /^2\.0\.(\d+)-\d+$/.exec(name) ?? [];
  return build && source.includes('download.jitsi.org')
    ? `https://github.com/jitsi/jitsi-meet/releases/tag/stable%2Fjitsi-meet_${build}`
    : undefined;
}
