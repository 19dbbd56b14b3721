/** CloudWatch namespace of what the machines publish. */
export const METRICS_NAMESPACE = 'Convoke';
