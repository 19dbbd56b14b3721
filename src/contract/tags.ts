/** Tags of AWS resources. */

/** Tag that everything convoke makes carries; its value is the deployment's name. */
export const DEPLOYMENT_TAG = 'convoke:deployment';

/** Tag that tells machines apart by what they do: `shard` or `bridge`. */
export const ROLE_TAG = 'convoke:role';

/** Tag that names a machine's shard: `a`, `b`, … */
export const SHARD_TAG = 'convoke:shard';
