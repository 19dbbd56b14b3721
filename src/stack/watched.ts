import type { aws_certificatemanager as acm, aws_elasticloadbalancingv2 as elb } from 'aws-cdk-lib';
import type { Hours } from '../config/hours.js';

/** What mail is sent about. */
export interface Watched {
  /** Names of the Auto Scaling groups of shards. */
  readonly shards: readonly string[];
  /** The Auto Scaling group of the bridges, if there is one, and its maximum size. */
  readonly bridges?: { readonly group: string; readonly max: number };
  /** The Auto Scaling group of the recorders, if there is one. */
  readonly recorders?: string;
  readonly balancer: elb.IApplicationLoadBalancer & { readonly loadBalancerFullName: string };
  readonly targetGroup: elb.ApplicationTargetGroup;
  /** When the deployment is open, and the ARN of the rule that shows another page while it is closed. Unset: always open. */
  readonly hours?: Hours & { readonly rule: string };
  readonly certificate: acm.ICertificate;
  /** Whether the certificate was created for the stack; otherwise it is the user's, possibly imported. */
  readonly ownCertificate: boolean;
}
