import { lockName } from '../../cloud/lock.js';
import { proofsName } from '../../cloud/validation-records.js';
import { turnName } from '../../config/turn.js';
import { budgetPrefix, seedName, turnBalancerName } from '../../contract/names.js';
import { DEPLOYMENT_TAG } from '../../contract/tags.js';
import { MAIL_CHECK_SOURCE } from '../../stack/alerts.js';
import { isProvenManually } from '../dns/certificate.js';
import { type Arns, cloudFormation, convoke, type Right, type Scope } from './right.js';

/**
 * What is the deployment's own: to break it on purpose, to open its meetings, and to remove what is left of it after its
 * stacks are gone, should CloudFormation leave something. All by the deployment's name, or by its tag where AWS gives
 * things random ids.
 */
export function writeRights(scope: Scope, arns: Arns): Right[] {
  const { deployment } = scope;
  const { prefix } = arns;
  const byHand = isProvenManually(deployment);
  const tagged = { StringEquals: { [`aws:ResourceTag/${DEPLOYMENT_TAG}`]: deployment.name } };
  const down = (...actions: string[]) => [convoke(['down'], ...actions)];
  return [
    {
      sid: 'OwnLock',
      why: 'To take and release the lock: a parameter that records who runs up or down on the deployment.',
      // A colon before the number of a version; no parameter has one in its name.
      resources: ['', ':*'].map((version) =>
        arns.here('ssm', `parameter${lockName(deployment.name)}${version}`),
      ),
      calls: [convoke(['up', 'down'], 'ssm:DeleteParameter', 'ssm:GetParameter', 'ssm:PutParameter')],
    },
    {
      sid: 'OwnGroups',
      why: 'To delete Auto Scaling groups and the lifecycle hooks that would block their deletion, and to terminate a machine in a drill.',
      resources: [arns.here('autoscaling', `autoScalingGroup:*:autoScalingGroupName/${prefix}-*`)],
      calls: [
        convoke(['drill'], 'autoscaling:TerminateInstanceInAutoScalingGroup'),
        convoke(['up', 'down'], 'autoscaling:DeleteLifecycleHook'),
        ...down('autoscaling:DeleteAutoScalingGroup'),
      ],
    },
    {
      sid: 'OwnMachinesAndNetwork',
      why: 'To delete machines, disks, images and the network. Their ids are random, so the tag identifies them.',
      resources: [
        'instance',
        'internet-gateway',
        'launch-template',
        'network-interface',
        'route-table',
        'security-group',
        'subnet',
        'volume',
        'vpc',
      ]
        .map((type) => arns.here('ec2', `${type}/*`))
        // These two have no account in their ARN.
        .concat(['image', 'snapshot'].map((type) => `arn:aws:ec2:${deployment.region}::${type}/*`)),
      conditions: tagged,
      calls: [
        convoke(['drill'], 'ec2:TerminateInstances'),
        ...down(
          'ec2:DeleteInternetGateway',
          'ec2:DeleteLaunchTemplate',
          'ec2:DeleteNetworkInterface',
          'ec2:DeleteRouteTable',
          'ec2:DeleteSecurityGroup',
          'ec2:DeleteSnapshot',
          'ec2:DeleteSubnet',
          'ec2:DeleteVolume',
          'ec2:DeleteVpc',
          'ec2:DeregisterImage',
          'ec2:DetachInternetGateway',
          'ec2:RevokeSecurityGroupEgress',
          'ec2:RevokeSecurityGroupIngress',
          'ec2:TerminateInstances',
        ),
      ],
    },
    {
      sid: 'GuardDutysInNetwork',
      why: 'To delete the endpoint and the security group that GuardDuty adds to the network, because they block its deletion.',
      resources: ['security-group', 'vpc-endpoint'].map((type) => arns.here('ec2', `${type}/*`)),
      conditions: { StringEquals: { 'aws:ResourceTag/GuardDutyManaged': 'true' } },
      calls: down('ec2:DeleteSecurityGroup', 'ec2:DeleteVpcEndpoints'),
    },
    {
      sid: 'OwnLoadBalancers',
      why: 'To delete the load balancers, which cost money while they exist, and their target groups.',
      resources: [
        arns.here('elasticloadbalancing', `loadbalancer/app/${prefix}/*`),
        arns.here('elasticloadbalancing', `loadbalancer/net/${turnBalancerName(deployment.name)}/*`),
        arns.here('elasticloadbalancing', `targetgroup/${prefix}/*`),
        arns.here('elasticloadbalancing', `targetgroup/${turnBalancerName(deployment.name)}/*`),
      ],
      calls: down('elasticloadbalancing:DeleteLoadBalancer', 'elasticloadbalancing:DeleteTargetGroup'),
    },
    {
      sid: 'OwnCertificate',
      why: 'To delete the certificate that convoke requested. Its id is random, so the tag identifies it.',
      resources: [arns.here('acm', 'certificate/*')],
      conditions: tagged,
      calls: [convoke(byHand ? ['up', 'down'] : ['down'], 'acm:DeleteCertificate')],
    },
    ...proof(scope, arns),
    ...records(scope),
    {
      sid: 'OwnTopic',
      why: 'To check whether the mail address confirmed its subscription, and to delete the topic.',
      resources: [arns.here('sns', `${prefix}-*`)],
      calls: [convoke(['status'], 'sns:ListSubscriptionsByTopic'), ...down('sns:DeleteTopic')],
    },
    {
      sid: 'OwnRules',
      why: 'To delete the rules that turn events into mail.',
      resources: [arns.here('events', `rule/${prefix}-*`)],
      calls: down('events:DeleteRule', 'events:ListTargetsByRule', 'events:RemoveTargets'),
    },
    {
      sid: 'ProveMail',
      why: 'To send the event of the mail check. The condition excludes every other event.',
      resources: [arns.here('events', 'event-bus/default')],
      conditions: { StringEquals: { 'events:source': MAIL_CHECK_SOURCE } },
      calls: [convoke(['up'], 'events:PutEvents')],
    },
    {
      sid: 'OwnAlarms',
      why: 'To delete the alarms that scale bridges.',
      resources: [arns.here('cloudwatch', `alarm:${prefix}-*`)],
      calls: down('cloudwatch:DeleteAlarms'),
    },
    {
      sid: 'OwnBudget',
      why: 'To delete the deployment’s budget.',
      resources: [arns.global('budgets', `budget/${budgetPrefix(deployment.name, deployment.region)}*`)],
      calls: down('budgets:ModifyBudget'),
    },
    {
      sid: 'OwnSecret',
      why: 'To delete the secrets that passwords are derived from; this does not need permission to read them.',
      resources: [arns.here('secretsmanager', `secret:${prefix}-*`)],
      calls: down('secretsmanager:DeleteSecret'),
    },
    ...(deployment.access === 'members'
      ? [
          {
            sid: 'ReadSecret',
            why: 'To sign invitations, also for the probe of a meeting for members.',
            resources: [arns.here('secretsmanager', `secret:${seedName(deployment.name)}-*`)],
            calls: [convoke(['up', 'drill', 'invite'], 'secretsmanager:GetSecretValue')],
          },
        ]
      : []),
    {
      sid: 'OwnRoles',
      why: 'To delete the roles of machines and of the bootstrap stack.',
      resources: [arns.iam(`role/${prefix}-*`)],
      calls: [
        ...down('iam:DeleteRole', 'iam:DeleteRolePolicy', 'iam:ListRolePolicies'),
        cloudFormation(['down'], 'iam:ListAttachedRolePolicies'),
      ],
    },
    {
      sid: 'OwnProfiles',
      why: 'To delete the instance profiles of machines.',
      resources: [arns.iam(`instance-profile/${prefix}-*`)],
      calls: down('iam:DeleteInstanceProfile', 'iam:GetInstanceProfile', 'iam:RemoveRoleFromInstanceProfile'),
    },
  ];
}

/** What proves the certificate. One that a person's records prove is asked for before there is a stack. */
function proof({ deployment }: Scope, arns: Arns): Right[] {
  const byHand = isProvenManually(deployment);
  const tag = { [`aws:ResourceTag/${DEPLOYMENT_TAG}`]: deployment.name };
  const asking: Right = {
    sid: 'AskForCertificate',
    why: 'To request a certificate that your records validate, with the deployment’s tag.',
    unnamed: 'A certificate that does not exist yet has no ARN; the condition on its tag limits the request.',
    resources: ['*'],
    conditions: { StringEquals: { [`aws:RequestTag/${DEPLOYMENT_TAG}`]: deployment.name } },
    calls: [convoke(['up'], 'acm:AddTagsToCertificate', 'acm:RequestCertificate')],
  };
  return [
    ...(byHand ? [asking] : []),
    {
      sid: 'SeeProof',
      why: 'To read which records validate the deployment’s certificate, so that only these are deleted.',
      resources: [arns.here('acm', 'certificate/*')],
      conditions: { StringEquals: tag },
      calls: [convoke(byHand ? ['check', 'preview', 'up', 'down'] : ['down'], 'acm:DescribeCertificate')],
    },
    {
      sid: 'SeeOtherCertificates',
      why: 'To check whether a certificate for CloudFront, which is always in us-east-1, uses the same validation record.',
      unnamed:
        'AWS does not support resource-level permissions for this action; it lists names of certificates.',
      resources: ['*'],
      conditions: { StringEquals: { 'aws:RequestedRegion': 'us-east-1' } },
      calls: [convoke(['down'], 'acm:ListCertificates')],
    },
    ...(deployment.dns.kind === 'route53'
      ? [
          {
            sid: 'OwnProofs',
            why: 'To store which records validated the certificate until they are deleted.',
            resources: [arns.here('ssm', `parameter${proofsName(deployment.name)}`)],
            calls: [convoke(['down'], 'ssm:DeleteParameter', 'ssm:GetParameter', 'ssm:PutParameter')],
          },
        ]
      : []),
  ];
}

/** The domain's records, where convoke writes them: no other name in the zone can be changed. */
function records({ deployment, zoneId }: Scope): Right[] {
  if (deployment.dns.kind !== 'route53') return [];
  const zone = [`arn:aws:route53:::hostedzone/${zoneId ?? '*'}`];
  return [
    {
      sid: 'ReadZone',
      why: 'To check the zone’s delegation, whether the name is free, and whether a record remains.',
      resources: zone,
      calls: [
        convoke(['check', 'up'], 'route53:GetHostedZone'),
        convoke(['check', 'up', 'down'], 'route53:ListResourceRecordSets'),
      ],
    },
    {
      sid: 'OwnRecords',
      why: 'To delete the domain’s records and its validation records, which CloudFormation leaves behind.',
      resources: zone,
      conditions: {
        'ForAllValues:StringLike': {
          'route53:ChangeResourceRecordSetsNormalizedRecordNames': [
            deployment.domain,
            turnName(deployment.domain),
            `_*.${deployment.domain}`,
          ],
        },
      },
      calls: [convoke(['down'], 'route53:ChangeResourceRecordSets')],
    },
  ];
}
