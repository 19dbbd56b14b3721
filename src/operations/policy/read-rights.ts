import { isProvenManually } from '../dns/certificate.js';
import { type Arns, convoke, type Right, type Scope, type Verb } from './right.js';

/** Looking: at what is there, and whether it is left. */
export function readRights(scope: Scope, arns: Arns): Right[] {
  const { deployment } = scope;
  const findingOwn: Verb[] = isProvenManually(deployment) ? ['check', 'preview', 'up', 'down'] : ['down'];
  return [
    {
      sid: 'See',
      why: 'To find machines, Auto Scaling groups and other resources by tag, name or prefix, and to check quotas.',
      unnamed:
        'AWS does not support resource-level permissions for these actions; they only read, and only in this region.',
      resources: ['*'],
      conditions: { StringEquals: { 'aws:RequestedRegion': deployment.region } },
      calls: [
        convoke(
          ['check', 'up'],
          'autoscaling:DescribeAccountLimits',
          'ec2:DescribeAvailabilityZones',
          'ec2:DescribeInstanceTypeOfferings',
          'ec2:DescribeInstanceTypes',
          'servicequotas:GetAWSDefaultServiceQuota',
          'servicequotas:GetServiceQuota',
        ),
        convoke(['check', 'up', 'status', 'drill', 'down'], 'ec2:DescribeInstances'),
        convoke(['check', 'up', 'down'], 'ec2:DescribeVpcs', 'elasticloadbalancing:DescribeLoadBalancers'),
        convoke(['up', 'status', 'drill'], 'elasticloadbalancing:DescribeTargetHealth'),
        convoke(['up', 'status', 'drill', 'down'], 'cloudwatch:GetMetricData'),
        convoke(['check', 'up', 'status', 'drill', 'down'], 'autoscaling:DescribeAutoScalingGroups'),
        convoke(['status'], 'autoscaling:DescribeScalingActivities'),
        convoke(['check'], 'ec2:GetEbsDefaultKmsKeyId'),
        convoke(['preview', 'cost'], 'ec2:DescribeSpotPriceHistory'),
        convoke(['up', 'down'], 'autoscaling:DescribeLifecycleHooks'),
        ...(deployment.ssh ? [convoke(['check', 'up'], 'ec2:DescribeKeyPairs')] : []),
        convoke(findingOwn, 'acm:ListCertificates'),
        convoke(
          ['down'],
          'cloudwatch:DescribeAlarms',
          'ec2:DescribeImages',
          'ec2:DescribeInternetGateways',
          'ec2:DescribeLaunchTemplates',
          'ec2:DescribeNetworkInterfaces',
          'ec2:DescribeRouteTables',
          'ec2:DescribeSecurityGroupRules',
          'ec2:DescribeSecurityGroups',
          'ec2:DescribeSnapshots',
          'ec2:DescribeSubnets',
          'ec2:DescribeVolumes',
          'ec2:DescribeVpcEndpoints',
          'elasticloadbalancing:DescribeTargetGroups',
          'events:ListRules',
          'secretsmanager:ListSecrets',
          'sns:ListTopics',
          'ssm:DescribeParameters',
        ),
      ],
    },
    {
      sid: 'SeeEverywhere',
      why: 'To find roles, instance profiles and the domain’s hosted zone by name, and to read the price list.',
      unnamed:
        'AWS does not support resource-level permissions for these actions; they read only names and prices. These services have no regions.',
      resources: ['*'],
      calls: [
        convoke(['preview', 'cost'], 'pricing:GetProducts'),
        convoke(['down'], 'iam:ListInstanceProfiles', 'iam:ListRoles'),
        ...(deployment.dns.kind === 'route53'
          ? [convoke(['check', 'up', 'down'], 'route53:ListHostedZonesByName')]
          : []),
      ],
    },
    {
      sid: 'SeeBudgets',
      why: 'To check whether budgets are available, and to find the deployment’s budget: AWS lists all budgets of the account or none.',
      resources: [arns.global('budgets', 'budget/*')],
      calls: [convoke(['check', 'up', 'down'], 'budgets:ViewBudget')],
    },
    {
      sid: 'SeeCertificates',
      why: 'To distinguish, by tag, the certificate that convoke requested from others for the same domain.',
      resources: [arns.here('acm', 'certificate/*')],
      calls: [convoke(findingOwn, 'acm:ListTagsForCertificate')],
    },
    ...(deployment.certificate
      ? [
          {
            sid: 'SeeOwnCertificate',
            why: 'To check that the certificate in the file is valid for the domain.',
            resources: [deployment.certificate],
            calls: [convoke(['check'], 'acm:DescribeCertificate')],
          },
        ]
      : []),
    {
      sid: 'SeeImage',
      why: 'To check that Debian publishes an image for the region.',
      resources: [
        `arn:aws:ssm:${deployment.region}::parameter/aws/service/debian/release/13/latest/${deployment.machines.architecture}`,
      ],
      calls: [convoke(['check', 'preview'], 'ssm:GetParameter')],
    },
    {
      sid: 'AskAboutItself',
      why: 'To simulate these permissions with IAM before a deployment starts.',
      resources: arns.deployer,
      calls: [convoke(['check'], 'iam:GetRole', 'iam:SimulatePrincipalPolicy')],
    },
  ];
}
