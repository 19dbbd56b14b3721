/** What the stack and its deployment agree on: names of parameters and outputs of the template, and how long machines may take. */

/** Name of the template's parameter for the Route 53 hosted zone, whose id is looked up at deployment. */
export const ZONE_PARAMETER = 'HostedZoneId';

/**
 * Name of the template's parameter for a certificate that is validated by manual records: it exists before the stack.
 */
export const CERTIFICATE_PARAMETER = 'CertificateArn';

/** Name of the template's parameter for the addresses of webhooks, one on each line. They are not in the template. */
export const WEBHOOKS_PARAMETER = 'Webhooks';

/** Name of the template's parameter for the image that machines start from; empty: Debian's newest. */
export const IMAGE_PARAMETER = 'Image';

/** Names of the template's parameters for the two availability zones. */
export const AVAILABILITY_ZONE_PARAMETERS = ['FirstAvailabilityZone', 'SecondAvailabilityZone'] as const;

/** Names of the template's outputs. */
export const OUTPUTS = {
  url: 'Url',
  balancerName: 'BalancerName',
  turnBalancerName: 'TurnBalancerName',
  targetGroup: 'TargetGroup',
  topic: 'AlertsTopic',
  groups: 'Groups',
  release: 'Release',
  bundle: 'NodeBundle',
  roll: 'Roll',
} as const;

/** Name of the templates' parameter that enables the boundary, `true` or `false`: known only at deployment. */
export const BOUNDARY_PARAMETER = 'BoundedRoles';

/**
 * Minutes that a machine may take from launch until it serves: the group does not replace it earlier, and `up` waits
 * no longer. User data may wait five minutes for apt's lock alone, which Debian's image holds while it upgrades
 * itself at first boot, and retries a mirror for three more.
 */
export const MINUTES_TO_SERVE = 15;
