/** Tags of AWS resources. */

/** Tag of every resource that convoke creates; its value is the deployment's name. */
export const DEPLOYMENT_TAG = 'convoke:deployment';

/** Tag with a machine's role: `shard`, `bridge`, `recorder`, or {@link IMAGE_BUILDER}. */
export const ROLE_TAG = 'convoke:role';

/** Role of the machine from which a machine image is made. */
export const IMAGE_BUILDER = 'image-builder';

/** Tag with the release of Jitsi that a machine was launched with. */
export const RELEASE_TAG = 'convoke:release';

/** Tag with the node bundle that a machine was launched with: the first 12 digits of its SHA-256. */
export const BUNDLE_TAG = 'convoke:bundle';

/** Tag with what a machine image contains: `imageContents` computes it. */
export const CONTENTS_TAG = 'convoke:contents';

/** Tag with the id of the image of Debian that a machine image was made from. */
export const BASE_TAG = 'convoke:base';

/** Tag with the name of a machine's shard: `a`, `b`, … */
export const SHARD_TAG = 'convoke:shard';
