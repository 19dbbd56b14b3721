/** Service-linked roles. AWS creates one when a service is first used, so a new account has none. */
export const SERVICE_LINKED_ROLES = {
  'autoscaling.amazonaws.com': 'AWSServiceRoleForAutoScaling',
  'elasticloadbalancing.amazonaws.com': 'AWSServiceRoleForElasticLoadBalancing',
  'spot.amazonaws.com': 'AWSServiceRoleForEC2Spot',
} as const;
export type LinkedService = keyof typeof SERVICE_LINKED_ROLES;
