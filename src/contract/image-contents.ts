import { createHash } from 'node:crypto';
import { RECORDER_PACKAGE, type Release } from './release.js';

/** Changes when machine images get other packages of Debian, or are prepared otherwise. */
const RECIPE = 1;

/**
 * What a machine image contains, as the value of its tag: the first 12 digits of a hash of the versions of Jitsi's packages, that of the recorder only if it has one. Two
 * images with the same value differ only in Debian's own packages.
 */
export const imageContents = ({ packages }: Release, withRecorder: boolean): string =>
  createHash('sha256')
    .update(
      JSON.stringify([
        RECIPE,
        Object.entries(packages)
          .filter(([name]) => withRecorder || name !== RECORDER_PACKAGE)
          .sort(),
        ...(withRecorder ? ['recorder'] : []),
      ]),
    )
    .digest('hex')
    .slice(0, 12);
