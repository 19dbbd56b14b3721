import { debianParameter } from '../../contract/published-names.js';
import type { Arns } from '../../resources/arns.js';
import { convoke, type Right, type Scope } from '../../resources/right.js';
import { see, seeEverywhere } from '../../resources/statements.js';

/** What the deployer needs that is about no resource of a deployment: checks of the account, and prices. */
export function accountRights(arns: Arns, { deployment, deployer }: Scope): Right[] {
  return [
    see(
      arns,
      convoke(
        ['check', 'up'],
        'autoscaling:DescribeAccountLimits',
        'ec2:DescribeAvailabilityZones',
        'ec2:DescribeInstanceTypeOfferings',
        'ec2:DescribeInstanceTypes',
        'servicequotas:GetAWSDefaultServiceQuota',
        'servicequotas:GetServiceQuota',
      ),
      convoke(['up', 'status', 'report', 'drill', 'down'], 'cloudwatch:GetMetricData'),
      convoke(['check'], 'ec2:GetEbsDefaultKmsKeyId'),
      convoke(['preview', 'cost', 'report'], 'ec2:DescribeSpotPriceHistory'),
      ...(deployment.ssh ? [convoke(['check', 'up'], 'ec2:DescribeKeyPairs')] : []),
    ),
    seeEverywhere(convoke(['preview', 'cost', 'report'], 'pricing:GetProducts')),
    ...(deployment.certificate
      ? [
          {
            sid: 'SeeOwnCertificate',
            why: 'To check that the certificate in the file is valid for the domain.',
            only: 'only with `certificate`',
            resources: [deployment.certificate],
            calls: [convoke(['check'], 'acm:DescribeCertificate')],
          },
        ]
      : []),
    {
      sid: 'SeeImage',
      why: 'To check that Debian publishes an image for the region.',
      resources: [arns.public('ssm', `parameter${debianParameter(deployment.machines.architecture)}`)],
      calls: [convoke(['check', 'preview', 'up'], 'ssm:GetParameter')],
    },
    {
      sid: 'AskAboutItself',
      why: 'To simulate these permissions with IAM before a deployment starts.',
      resources: arns.deployer(deployer),
      calls: [convoke(['check'], 'iam:GetRole', 'iam:SimulatePrincipalPolicy')],
    },
  ];
}
