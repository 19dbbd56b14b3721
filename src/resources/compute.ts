import { debianParameter } from '../contract/published-names.js';
import { DEPLOYMENT_TAG } from '../contract/tags.js';
import type { ResourceKind } from './kind.js';
import { autoScaling, convoke, down } from './right.js';
import { changesTagged, creates, deletesTagged, onOwn, reads, see, tagged } from './statements.js';

const groups: ResourceKind = {
  name: 'Auto Scaling groups',
  types: [
    'AWS::AutoScaling::AutoScalingGroup',
    'AWS::AutoScaling::LifecycleHook',
    'AWS::AutoScaling::ScalingPolicy',
    'AWS::AutoScaling::ScheduledAction',
  ],
  execution: (arns) => [
    onOwn(
      'OwnGroups',
      [arns.here('autoscaling', `autoScalingGroup:*:autoScalingGroupName/${arns.prefix}-*`)],
      [
        'autoscaling:AttachLoadBalancerTargetGroups',
        'autoscaling:AttachTrafficSources',
        'autoscaling:CreateAutoScalingGroup',
        'autoscaling:CreateOrUpdateTags',
        'autoscaling:DeleteAutoScalingGroup',
        'autoscaling:DeleteLifecycleHook',
        'autoscaling:DeletePolicy',
        'autoscaling:DeleteScheduledAction',
        'autoscaling:DeleteTags',
        'autoscaling:DetachLoadBalancerTargetGroups',
        'autoscaling:DetachTrafficSources',
        'autoscaling:DisableMetricsCollection',
        'autoscaling:EnableMetricsCollection',
        'autoscaling:PutLifecycleHook',
        'autoscaling:PutScalingPolicy',
        'autoscaling:PutScheduledUpdateGroupAction',
        'autoscaling:UpdateAutoScalingGroup',
      ],
    ),
    reads(arns, 'autoscaling:Describe*'),
  ],
  deployer: (arns) => [
    see(
      arns,
      convoke(['check', 'up', 'status', 'shell', 'drill', 'down'], 'autoscaling:DescribeAutoScalingGroups'),
      convoke(['up', 'down'], 'autoscaling:DescribeLifecycleHooks'),
      convoke(['up', 'status', 'report'], 'autoscaling:DescribeScalingActivities'),
      convoke(['up'], 'autoscaling:DescribeInstanceRefreshes'),
    ),
    {
      sid: 'OwnGroups',
      why: 'To replace the machines of Auto Scaling groups, to delete the groups and the lifecycle hooks that would block their deletion, and to terminate a machine in a drill.',
      resources: [arns.here('autoscaling', `autoScalingGroup:*:autoScalingGroupName/${arns.prefix}-*`)],
      calls: [
        convoke(['drill'], 'autoscaling:TerminateInstanceInAutoScalingGroup'),
        convoke(['up', 'down'], 'autoscaling:DeleteLifecycleHook'),
        convoke(
          ['up'],
          'autoscaling:RollbackInstanceRefresh',
          'autoscaling:StartInstanceRefresh',
          'autoscaling:UpdateAutoScalingGroup',
        ),
        down('autoscaling:DeleteAutoScalingGroup'),
      ],
    },
  ],
};

const machines: ResourceKind = {
  name: 'machines',
  types: [],
  // Auto Scaling launches them with the permissions of the principal that creates the group.
  execution: (arns) => [creates(arns, 'ec2:RunInstances')],
  deployer: (arns, { deployment }) => [
    see(
      arns,
      convoke(['check', 'up', 'status', 'shell', 'recordings', 'drill', 'down'], 'ec2:DescribeInstances'),
    ),
    {
      sid: 'LaunchFromOwnTemplates',
      why: 'To launch the machine from which a machine image is made, and to replace machines: Auto Scaling starts an instance refresh only for a caller who may launch the machines. The launch template has the tag of the deployment.',
      resources: [arns.here('ec2', 'launch-template/*')],
      conditions: tagged(arns),
      calls: [autoScaling(['up'], 'ec2:RunInstances'), convoke(['up'], 'ec2:RunInstances')],
    },
    {
      sid: 'LaunchMachines',
      why: 'The same for what a machine consists of. Only with a launch template.',
      resources: [
        arns.public('ec2', 'image/*'),
        ...['instance', 'key-pair', 'network-interface', 'security-group', 'subnet', 'volume'].map((kind) =>
          arns.here('ec2', `${kind}/*`),
        ),
      ],
      conditions: { ArnLike: { 'ec2:LaunchTemplate': arns.here('ec2', 'launch-template/*') } },
      calls: [autoScaling(['up'], 'ec2:RunInstances'), convoke(['up'], 'ec2:RunInstances')],
    },
    {
      sid: 'TagNewMachines',
      why: 'The same for their tags, and for those of machine images.',
      resources: [
        ...['instance', 'volume'].map((kind) => arns.here('ec2', `${kind}/*`)),
        ...['image', 'snapshot'].map((kind) => arns.public('ec2', `${kind}/*`)),
      ],
      conditions: { StringEquals: { 'ec2:CreateAction': ['CreateImage', 'RunInstances'] } },
      calls: [autoScaling(['up'], 'ec2:CreateTags'), convoke(['up'], 'ec2:CreateTags')],
    },
    {
      sid: 'GiveMachinesTheirRole',
      why: 'The same for the role of machines.',
      resources: ['shard', 'bridges', 'image'].map((kind) => arns.role(`${arns.prefix}-${kind}-*`)),
      conditions: { StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } },
      calls: [autoScaling(['up'], 'iam:PassRole'), convoke(['up'], 'iam:PassRole')],
    },
    deletesTagged(arns, 'instance', convoke(['up', 'drill', 'down'], 'ec2:TerminateInstances')),
    {
      sid: 'ReadOwnConsoles',
      why: 'To quote why a machine could not be provisioned.',
      resources: [arns.here('ec2', 'instance/*')],
      conditions: tagged(arns),
      calls: [convoke(['up', 'status'], 'ec2:GetConsoleOutput')],
    },
    ...(deployment.shell
      ? [
          {
            sid: 'OpenShells',
            why: 'To open a shell on a machine with Session Manager. It amounts to root on the machines.',
            resources: [arns.here('ec2', 'instance/*')],
            conditions: tagged(arns),
            calls: [convoke(['shell'], 'ssm:StartSession')],
            only: 'only with `shell: on`',
          },
        ]
      : []),
  ],
};

const launchTemplates: ResourceKind = {
  name: 'launch templates',
  types: ['AWS::EC2::LaunchTemplate'],
  execution: (arns) => [
    creates(arns, 'ec2:CreateLaunchTemplate', 'ec2:CreateLaunchTemplateVersion', 'ec2:CreateTags'),
    changesTagged(arns, 'ec2:DeleteLaunchTemplate', 'ec2:DeleteTags'),
    reads(arns, 'ec2:Describe*'),
    {
      sid: 'ReadImageParameter',
      actions: ['ssm:GetParameters'],
      resources: [arns.public('ssm', `parameter${debianParameter('*')}`)],
      limit: 'other',
    },
  ],
  deployer: (arns) => [
    see(arns, convoke(['up'], 'ec2:DescribeLaunchTemplateVersions'), down('ec2:DescribeLaunchTemplates')),
    deletesTagged(arns, 'launch-template', down('ec2:DeleteLaunchTemplate')),
  ],
};

const volumes: ResourceKind = {
  name: 'disks',
  types: [],
  deployer: (arns) => [
    see(arns, down('ec2:DescribeVolumes')),
    deletesTagged(arns, 'volume', down('ec2:DeleteVolume')),
  ],
};

const images: ResourceKind = {
  name: 'machine images',
  types: [],
  deployer: (arns) => [
    see(arns, convoke(['up', 'status', 'down'], 'ec2:DescribeImages')),
    {
      sid: 'MakeImages',
      why: 'To make a machine image from the machine that was launched for it.',
      resources: [arns.here('ec2', 'instance/*')],
      conditions: tagged(arns),
      calls: [convoke(['up'], 'ec2:CreateImage')],
    },
    {
      sid: 'StoreImages',
      why: 'The same for the image and the snapshot of its disk, only with the tag of the deployment.',
      resources: ['image', 'snapshot'].map((kind) => arns.public('ec2', `${kind}/*`)),
      conditions: { StringEquals: { [`aws:RequestTag/${DEPLOYMENT_TAG}`]: arns.deployment } },
      calls: [convoke(['up'], 'ec2:CreateImage')],
    },
    deletesTagged(arns, 'image', convoke(['up', 'down'], 'ec2:DeregisterImage')),
  ],
};

const snapshots: ResourceKind = {
  name: 'snapshots of disks',
  types: [],
  deployer: (arns) => [
    see(arns, down('ec2:DescribeSnapshots')),
    deletesTagged(arns, 'snapshot', convoke(['up', 'down'], 'ec2:DeleteSnapshot')),
  ],
};

/** In the order of deletion: a resource before those that it uses. */
export const computeKinds = [groups, machines, launchTemplates, volumes, images, snapshots];
