/** Names that AWS and Debian publish, which are the same in every account. */

/** Service-linked roles. AWS creates one when a service is first used, so a new account has none. */
export const SERVICE_LINKED_ROLES = {
  'autoscaling.amazonaws.com': 'AWSServiceRoleForAutoScaling',
  'elasticloadbalancing.amazonaws.com': 'AWSServiceRoleForElasticLoadBalancing',
  'spot.amazonaws.com': 'AWSServiceRoleForEC2Spot',
} as const;
export type LinkedService = keyof typeof SERVICE_LINKED_ROLES;

/** The public parameter that Debian updates to its newest image (https://wiki.debian.org/Cloud/AmazonEC2Image). */
export const debianParameter = (architecture: 'arm64' | 'amd64' | '*'): string =>
  `/aws/service/debian/release/13/latest/${architecture}`;
