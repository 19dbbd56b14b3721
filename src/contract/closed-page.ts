/** Path patterns of the rule with which the load balancer says that the deployment is closed. */
export const CLOSED_PATHS = {
  /** While it is closed: all. */
  closed: '/*',
  /** While it is open: one that nothing else uses, because a rule needs a condition. */
  open: '/convoke/closed',
} as const;
