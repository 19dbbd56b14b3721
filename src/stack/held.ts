import { Aws, type aws_autoscaling as autoscaling, aws_iam as iam } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { assetsBucketName } from '../contract/names.js';
import type { Roll } from '../contract/roll.js';

/** Groups that go on launching the version that they launched before, until their machines are replaced. */
export interface Held {
  readonly roll: Roll;
  /** Keys of the files in the bucket that the earlier versions need, by name of the group. */
  readonly files: Readonly<Record<string, readonly string[]>>;
}

/** Machines of one group: the construct with the group's machine role in it. */
interface Machines extends IConstruct {
  readonly group: autoscaling.AutoScalingGroup;
  readonly groupName: string;
}

/**
 * Pins a group to the version of the launch template that it launched before, and lets its machines read the files of
 * that version. The version is a number, because Auto Scaling rolls an instance refresh back only to a number. A group
 * that is new is not pinned.
 */
export function hold(deployment: string, machines: Machines, { roll, files }: Held): void {
  const version = roll.from[machines.groupName];
  if (version === undefined) return;
  const group = machines.group.node.defaultChild as autoscaling.CfnAutoScalingGroup;
  const template = group.mixedInstancesPolicy
    ? 'MixedInstancesPolicy.LaunchTemplate.LaunchTemplateSpecification'
    : 'LaunchTemplate';
  group.addPropertyOverride(`${template}.Version`, version);
  const keys = files[machines.groupName] ?? [];
  if (keys.length === 0) return;
  const bucket = assetsBucketName(deployment, Aws.ACCOUNT_ID, Aws.REGION);
  (machines.node.findChild('Role') as iam.Role).addToPolicy(
    new iam.PolicyStatement({
      sid: 'FetchEarlierFiles',
      actions: ['s3:GetObject'],
      resources: keys.map((key) => `arn:${Aws.PARTITION}:s3:::${bucket}/${key}`),
    }),
  );
}
