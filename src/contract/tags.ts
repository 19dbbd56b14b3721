/** Tags of AWS resources. */

/** Tag of every resource that convoke creates; its value is the deployment's name. */
export const DEPLOYMENT_TAG = 'convoke:deployment';

/** Tag with a machine's role: `shard` or `bridge`. */
export const ROLE_TAG = 'convoke:role';

/** Tag with the release of Jitsi that a machine was launched with. */
export const RELEASE_TAG = 'convoke:release';

/** Tag with the node bundle that a machine was launched with: the first 12 digits of its SHA-256. */
export const BUNDLE_TAG = 'convoke:bundle';

/** Tag with the name of a machine's shard: `a`, `b`, … */
export const SHARD_TAG = 'convoke:shard';
