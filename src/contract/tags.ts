/** Tags of AWS resources. */

/** Tag of every resource that convoke creates; its value is the deployment's name. */
export const DEPLOYMENT_TAG = 'convoke:deployment';

/** Tag with a machine's role: `shard` or `bridge`. */
export const ROLE_TAG = 'convoke:role';

/** Tag with the name of a machine's shard: `a`, `b`, … */
export const SHARD_TAG = 'convoke:shard';
