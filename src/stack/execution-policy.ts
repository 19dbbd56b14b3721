import { Aws, aws_iam as iam } from 'aws-cdk-lib';
import { Arns } from '../resources/arns.js';
import type { Statement } from '../resources/kind.js';
import { executionStatements } from '../resources/resources.js';

/** ARNs in a template: CloudFormation fills in partition, region and account. */
export const templateArns = (deployment: string): Arns =>
  new Arns(deployment, { partition: Aws.PARTITION, region: Aws.REGION, account: Aws.ACCOUNT_ID });

export const policyStatement = ({
  sid,
  actions,
  resources,
  conditions,
}: Omit<Statement, 'limit'>): iam.PolicyStatement =>
  new iam.PolicyStatement({
    sid,
    actions: [...actions],
    resources: [...resources],
    ...(conditions && { conditions }),
  });

/**
 * Permissions of CloudFormation for a deployment. The actions are those that the handlers of the resource types in
 * the template declare (AWS's resource schemas), without those for unused properties. Creating resources with random
 * ids can only be limited to the region; deleting them is limited to those with the deployment's tag or name.
 */
export function executionPolicy(deployment: string): iam.PolicyStatement[] {
  const arns = templateArns(deployment);
  return [
    ...executionStatements(arns).map(policyStatement),
    // The bootstrap roles have the deployment's prefix, too; without this, the deployer could extend their permissions.
    new iam.PolicyStatement({
      sid: 'NoMorePowerForItself',
      effect: iam.Effect.DENY,
      actions: [
        'iam:PutRolePolicy',
        'iam:PutRolePermissionsBoundary',
        'iam:AttachRolePolicy',
        'iam:UpdateAssumeRolePolicy',
        'iam:PassRole',
        'iam:DeleteRole',
      ],
      resources: arns.bootstrapRoles,
    }),
  ];
}
