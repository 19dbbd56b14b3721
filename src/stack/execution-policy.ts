import { Aws, aws_iam as iam } from 'aws-cdk-lib';
import { budgetPrefix, namePrefix, roleName, turnBalancerName } from '../contract/names.js';
import { DEPLOYMENT_TAG } from '../contract/tags.js';
import { DEBIAN_PARAMETERS } from './debian-image.js';

/**
 * Permissions of CloudFormation for a deployment. The actions are those that the handlers of the resource types in
 * the template declare (AWS's resource schemas), without those for unused properties. Creating resources with random
 * ids can only be limited to the region; deleting them is limited to those with the deployment's tag or name.
 */
export function executionPolicy(deployment: string): iam.PolicyStatement[] {
  return [
    ...compute(deployment),
    ...ingress(deployment),
    ...named(deployment),
    ...identities(deployment),
    noMorePowerForItself(deployment),
  ];
}

const here = (service: string, resource: string): string =>
  `arn:${Aws.PARTITION}:${service}:${Aws.REGION}:${Aws.ACCOUNT_ID}:${resource}`;
const global = (service: string, resource: string): string =>
  `arn:${Aws.PARTITION}:${service}::${Aws.ACCOUNT_ID}:${resource}`;
/** Only in the deployment's region. */
export const inRegion = { StringEquals: { 'aws:RequestedRegion': Aws.REGION } };
const tagged = (deployment: string) => ({
  StringEquals: { [`aws:ResourceTag/${DEPLOYMENT_TAG}`]: deployment },
});

function allow(sid: string, actions: string[], resources: string[], conditions?: Record<string, unknown>) {
  return new iam.PolicyStatement({ sid, actions, resources, ...(conditions && { conditions }) });
}

/** EC2 and Auto Scaling: ids are random, so deletion is limited by tag. */
function compute(deployment: string): iam.PolicyStatement[] {
  return [
    allow(
      'MakeNetworkAndTemplate',
      [
        'ec2:AssociateRouteTable',
        'ec2:AttachInternetGateway',
        'ec2:AuthorizeSecurityGroupEgress',
        'ec2:AuthorizeSecurityGroupIngress',
        'ec2:CreateInternetGateway',
        'ec2:CreateLaunchTemplate',
        'ec2:CreateLaunchTemplateVersion',
        'ec2:CreateRoute',
        'ec2:CreateRouteTable',
        'ec2:CreateSecurityGroup',
        'ec2:CreateSubnet',
        'ec2:CreateTags',
        'ec2:CreateVpc',
        'ec2:ModifySubnetAttribute',
        'ec2:ModifyVpcAttribute',
        'ec2:RunInstances',
      ],
      ['*'],
      inRegion,
    ),
    allow(
      'RemoveOwnNetworkAndTemplate',
      [
        'ec2:DeleteInternetGateway',
        'ec2:DeleteLaunchTemplate',
        'ec2:DeleteRoute',
        'ec2:DeleteRouteTable',
        'ec2:DeleteSecurityGroup',
        'ec2:DeleteSubnet',
        'ec2:DeleteTags',
        'ec2:DeleteVpc',
        'ec2:DetachInternetGateway',
        'ec2:DisassociateRouteTable',
        'ec2:ReplaceRoute',
        'ec2:RevokeSecurityGroupEgress',
        'ec2:RevokeSecurityGroupIngress',
        'ec2:UpdateSecurityGroupRuleDescriptionsEgress',
        'ec2:UpdateSecurityGroupRuleDescriptionsIngress',
      ],
      ['*'],
      tagged(deployment),
    ),
    // None of these actions supports resources, and none reads a secret. Handlers read more than their schemas
    // declare: Elastic Load Balancing calls GetSecurityGroupsForVpc and DescribeAddresses with the caller's
    // permissions.
    allow(
      'See',
      [
        'autoscaling:Describe*',
        'cloudwatch:DescribeAlarms',
        'ec2:Describe*',
        'ec2:GetSecurityGroupsForVpc',
        'elasticloadbalancing:Describe*',
      ],
      ['*'],
      inRegion,
    ),
    allow(
      'OwnGroups',
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
      [here('autoscaling', `autoScalingGroup:*:autoScalingGroupName/convoke-${deployment}-*`)],
    ),
  ];
}

function ingress(deployment: string): iam.PolicyStatement[] {
  const balancers = [`app/${namePrefix(deployment)}`, `net/${turnBalancerName(deployment)}`];
  const targetGroups = [namePrefix(deployment), turnBalancerName(deployment)];
  return [
    allow(
      'OwnLoadBalancers',
      [
        'elasticloadbalancing:AddTags',
        'elasticloadbalancing:CreateListener',
        'elasticloadbalancing:CreateLoadBalancer',
        'elasticloadbalancing:CreateTargetGroup',
        'elasticloadbalancing:DeleteListener',
        'elasticloadbalancing:DeleteLoadBalancer',
        'elasticloadbalancing:DeleteTargetGroup',
        'elasticloadbalancing:DeregisterTargets',
        'elasticloadbalancing:ModifyListener',
        'elasticloadbalancing:ModifyListenerAttributes',
        'elasticloadbalancing:ModifyLoadBalancerAttributes',
        'elasticloadbalancing:ModifyTargetGroup',
        'elasticloadbalancing:ModifyTargetGroupAttributes',
        'elasticloadbalancing:RegisterTargets',
        'elasticloadbalancing:RemoveTags',
        'elasticloadbalancing:SetIpAddressType',
        'elasticloadbalancing:SetSecurityGroups',
        'elasticloadbalancing:SetSubnets',
      ],
      [
        ...balancers.map((name) => here('elasticloadbalancing', `loadbalancer/${name}/*`)),
        ...targetGroups.map((name) => here('elasticloadbalancing', `targetgroup/${name}/*`)),
        ...balancers.map((name) => here('elasticloadbalancing', `listener/${name}/*`)),
      ],
    ),
    allow('RequestCertificate', ['acm:RequestCertificate', 'acm:AddTagsToCertificate'], ['*'], {
      StringEquals: { [`aws:RequestTag/${DEPLOYMENT_TAG}`]: deployment },
    }),
    allow(
      'OwnCertificate',
      [
        'acm:DeleteCertificate',
        'acm:DescribeCertificate',
        'acm:ListTagsForCertificate',
        'acm:RemoveTagsFromCertificate',
        'acm:UpdateCertificateOptions',
      ],
      [here('acm', 'certificate/*')],
    ),
    allow(
      'WriteRecords',
      ['route53:ChangeResourceRecordSets', 'route53:GetHostedZone', 'route53:ListResourceRecordSets'],
      [`arn:${Aws.PARTITION}:route53:::hostedzone/*`],
    ),
    // This action supports no resources; it reads the names of availability zones.
    allow('SeeZones', ['route53:ListHostedZones'], ['*']),
    allow('WaitForRecords', ['route53:GetChange'], [`arn:${Aws.PARTITION}:route53:::change/*`]),
  ];
}

/** Resources with the deployment's name in their ARN. */
function named(deployment: string): iam.PolicyStatement[] {
  const prefix = namePrefix(deployment);
  return [
    allow(
      'OwnTopic',
      [
        'sns:CreateTopic',
        'sns:DeleteTopic',
        'sns:GetSubscriptionAttributes',
        'sns:GetTopicAttributes',
        'sns:ListSubscriptionsByTopic',
        'sns:ListTagsForResource',
        'sns:SetSubscriptionAttributes',
        'sns:SetTopicAttributes',
        'sns:Subscribe',
        'sns:TagResource',
        'sns:Unsubscribe',
        'sns:UntagResource',
      ],
      [here('sns', `${prefix}-*`)],
    ),
    allow(
      'OwnRules',
      [
        'events:DeleteRule',
        'events:DescribeRule',
        'events:ListTagsForResource',
        'events:ListTargetsByRule',
        'events:PutRule',
        'events:PutTargets',
        'events:RemoveTargets',
        'events:TagResource',
        'events:UntagResource',
      ],
      [here('events', `rule/${prefix}-*`)],
    ),
    allow(
      'OwnAlarms',
      [
        'cloudwatch:DeleteAlarms',
        'cloudwatch:ListTagsForResource',
        'cloudwatch:PutMetricAlarm',
        'cloudwatch:TagResource',
        'cloudwatch:UntagResource',
      ],
      [here('cloudwatch', `alarm:${prefix}-*`)],
    ),
    allow(
      'OwnSecret',
      [
        'secretsmanager:CreateSecret',
        'secretsmanager:DeleteSecret',
        'secretsmanager:DescribeSecret',
        'secretsmanager:GetSecretValue',
        'secretsmanager:TagResource',
        'secretsmanager:UntagResource',
        'secretsmanager:UpdateSecret',
      ],
      [here('secretsmanager', `secret:${prefix}-*`)],
    ),
    // This action supports no resources: it only generates a password.
    allow('MakeUpPassword', ['secretsmanager:GetRandomPassword'], ['*'], inRegion),
    allow(
      'OwnBudget',
      [
        'budgets:ListTagsForResource',
        'budgets:ModifyBudget',
        'budgets:TagResource',
        'budgets:UntagResource',
        'budgets:ViewBudget',
      ],
      [global('budgets', `budget/${budgetPrefix(deployment, Aws.REGION)}*`)],
    ),
    // Budgets reads costs through the account's own billing view.
    allow('SeeCosts', ['billing:GetBillingViewData'], [global('billing', 'billingview/primary')]),
    allow('ReadImageParameter', ['ssm:GetParameters'], [DEBIAN_PARAMETERS]),
  ];
}

/** Roles for the machines only. */
function identities(deployment: string): iam.PolicyStatement[] {
  const role = global('iam', `role/convoke-${deployment}-*`);
  const profile = global('iam', `instance-profile/convoke-${deployment}-*`);
  return [
    allow(
      'OwnRoles',
      [
        'iam:CreateRole',
        'iam:DeleteRole',
        'iam:DeleteRolePolicy',
        'iam:GetRole',
        'iam:GetRolePolicy',
        'iam:ListAttachedRolePolicies',
        'iam:ListRolePolicies',
        'iam:ListRoleTags',
        // For roles created before there was a boundary; if this role has one, it can set no other.
        'iam:PutRolePermissionsBoundary',
        'iam:PutRolePolicy',
        'iam:TagRole',
        'iam:UntagRole',
        'iam:UpdateAssumeRolePolicy',
        'iam:UpdateRole',
        'iam:UpdateRoleDescription',
      ],
      [role],
    ),
    allow(
      'OwnProfiles',
      [
        'iam:AddRoleToInstanceProfile',
        'iam:CreateInstanceProfile',
        'iam:DeleteInstanceProfile',
        'iam:GetInstanceProfile',
        'iam:RemoveRoleFromInstanceProfile',
      ],
      [profile],
    ),
    allow('RolesForMachines', ['iam:PassRole'], [role], {
      StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' },
    }),
    allow('ServiceRoles', ['iam:CreateServiceLinkedRole'], [global('iam', 'role/aws-service-role/*')], {
      StringEquals: {
        'iam:AWSServiceName': [
          'autoscaling.amazonaws.com',
          'elasticloadbalancing.amazonaws.com',
          'spot.amazonaws.com',
        ],
      },
    }),
  ];
}

/** The bootstrap roles match the prefix above; without this, the deployer could extend their permissions. */
function noMorePowerForItself(deployment: string): iam.PolicyStatement {
  return new iam.PolicyStatement({
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
    resources: (['deploy', 'publish', 'execute'] as const).map((purpose) =>
      global('iam', `role/${roleName(deployment, purpose, Aws.REGION)}`),
    ),
  });
}
