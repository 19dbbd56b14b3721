import { isProvenManually } from '../dns/certificate.js';
import { type Arns, convoke, type Right, type Scope, type Verb } from './right.js';

/** Looking: at what is there, and whether it is left. */
export function readRights(scope: Scope, arns: Arns): Right[] {
  const { deployment } = scope;
  const findingOwn: Verb[] = isProvenManually(deployment) ? ['check', 'preview', 'up', 'down'] : ['down'];
  return [
    {
      sid: 'See',
      why: 'To find machines, groups and everything else by tag, name or prefix, and to see whether there is room for more.',
      unnamed: 'AWS lets none of these be limited to a resource; they read, and only in this region.',
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
      why: 'To find roles, instance profiles and the domain’s zone by name, and to ask the price list.',
      unnamed:
        'AWS lets none of these be limited to a resource; they read names and prices. These services have no regions.',
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
      why: 'To see whether a budget can be made, and to find the deployment’s among the account’s: AWS shows all or none.',
      resources: [arns.global('budgets', 'budget/*')],
      calls: [convoke(['check', 'up', 'down'], 'budgets:ViewBudget')],
    },
    {
      sid: 'SeeCertificates',
      why: 'To tell by its tag the certificate that convoke made from one that the person made for the same domain.',
      resources: [arns.here('acm', 'certificate/*')],
      calls: [convoke(findingOwn, 'acm:ListTagsForCertificate')],
    },
    ...(deployment.certificate
      ? [
          {
            sid: 'SeeOwnCertificate',
            why: 'To see whether the certificate that the file names is good for the domain.',
            resources: [deployment.certificate],
            calls: [convoke(['check'], 'acm:DescribeCertificate')],
          },
        ]
      : []),
    {
      sid: 'SeeImage',
      why: 'To see whether Debian’s image is there for the region.',
      resources: [
        `arn:aws:ssm:${deployment.region}::parameter/aws/service/debian/release/13/latest/${deployment.machines.architecture}`,
      ],
      calls: [convoke(['check'], 'ssm:GetParameter')],
    },
    {
      sid: 'AskAboutItself',
      why: 'To ask IAM whether these very rights are given, before one is missing half-way.',
      resources: arns.deployer,
      calls: [convoke(['check'], 'iam:GetRole', 'iam:SimulatePrincipalPolicy')],
    },
  ];
}
