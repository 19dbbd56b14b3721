import type { Arns } from './arns.js';
import { computeKinds } from './compute.js';
import { identityKinds } from './identities.js';
import { ingressKinds } from './ingress.js';
import { merged, type ResourceKind, type Statement } from './kind.js';
import { monitoringKinds } from './monitoring.js';
import { networkKinds } from './network.js';
import { stackKinds } from './stacks.js';
import { storageKinds } from './storage.js';

/**
 * All kinds of AWS resources that a deployment has or can leave behind, in the order in which they can be deleted. From
 * this table are made: the policy of CloudFormation's execution role, the permissions boundary, the deployer's
 * policies, the sweep of `down`, and the table in docs/rights.md.
 */
export const RESOURCES: readonly ResourceKind[] = [
  ...computeKinds,
  ...ingressKinds,
  ...networkKinds,
  ...monitoringKinds,
  ...storageKinds,
  ...stackKinds,
  ...identityKinds,
];

/** What CloudFormation may do for a deployment. */
export const executionStatements = (arns: Arns): Statement[] =>
  merged(RESOURCES.flatMap(({ execution }) => execution?.(arns) ?? []));
