import { isProvenManually } from '../config/deployment.js';
import { turnName } from '../config/turn.js';
import { proofsName, turnBalancerName } from '../contract/names.js';
import { DEPLOYMENT_TAG } from '../contract/tags.js';
import type { Arns } from './arns.js';
import type { ResourceKind } from './kind.js';
import { type Calls, convoke, down, type Right, type Scope, type Verb } from './right.js';
import { onOwn, reads, see, seeEverywhere, tagged } from './statements.js';

const balancerNames = ({ prefix, deployment }: Arns) => [
  `app/${prefix}`,
  `net/${turnBalancerName(deployment)}`,
];
/** `*`: load balancers, listeners and their rules in one ARN, because the policy has a size limit. */
const balancerArns = (arns: Arns, type: 'loadbalancer' | '*') =>
  balancerNames(arns).map((name) => arns.here('elasticloadbalancing', `${type}/${name}/*`));
const targetGroupArns = (arns: Arns) =>
  [arns.prefix, turnBalancerName(arns.deployment)].map((name) =>
    arns.here('elasticloadbalancing', `targetgroup/${name}/*`),
  );

const ownBalancers = (resources: readonly string[], ...calls: Calls[]): Right => ({
  sid: 'OwnLoadBalancers',
  why: 'To delete the load balancers, which cost money while they exist, and their target groups.',
  resources,
  calls,
});

const loadBalancers: ResourceKind = {
  name: 'load balancers',
  types: [
    'AWS::ElasticLoadBalancingV2::LoadBalancer',
    'AWS::ElasticLoadBalancingV2::Listener',
    'AWS::ElasticLoadBalancingV2::ListenerRule',
  ],
  execution: (arns) => [
    onOwn('OwnLoadBalancers', balancerArns(arns, '*'), [
      'elasticloadbalancing:AddTags',
      'elasticloadbalancing:CreateListener',
      'elasticloadbalancing:CreateLoadBalancer',
      'elasticloadbalancing:CreateRule',
      'elasticloadbalancing:DeleteListener',
      'elasticloadbalancing:DeleteLoadBalancer',
      'elasticloadbalancing:DeleteRule',
      'elasticloadbalancing:ModifyListener',
      'elasticloadbalancing:ModifyListenerAttributes',
      'elasticloadbalancing:ModifyLoadBalancerAttributes',
      'elasticloadbalancing:ModifyRule',
      'elasticloadbalancing:RemoveTags',
      'elasticloadbalancing:SetIpAddressType',
      'elasticloadbalancing:SetRulePriorities',
      'elasticloadbalancing:SetSecurityGroups',
      'elasticloadbalancing:SetSubnets',
    ]),
    // Elastic Load Balancing also calls GetSecurityGroupsForVpc with the caller's permissions.
    reads(arns, 'ec2:GetSecurityGroupsForVpc', 'elasticloadbalancing:Describe*'),
  ],
  deployer: (arns) => [
    see(
      arns,
      convoke(['check', 'up', 'down'], 'elasticloadbalancing:DescribeLoadBalancers'),
      convoke(['up'], 'elasticloadbalancing:DescribeListeners', 'elasticloadbalancing:DescribeRules'),
    ),
    ownBalancers(balancerArns(arns, 'loadbalancer'), down('elasticloadbalancing:DeleteLoadBalancer')),
  ],
};

const targetGroups: ResourceKind = {
  name: 'target groups',
  types: ['AWS::ElasticLoadBalancingV2::TargetGroup'],
  execution: (arns) => [
    onOwn('OwnLoadBalancers', targetGroupArns(arns), [
      'elasticloadbalancing:CreateTargetGroup',
      'elasticloadbalancing:DeleteTargetGroup',
      'elasticloadbalancing:DeregisterTargets',
      'elasticloadbalancing:ModifyTargetGroup',
      'elasticloadbalancing:ModifyTargetGroupAttributes',
      'elasticloadbalancing:RegisterTargets',
    ]),
  ],
  deployer: (arns) => [
    see(
      arns,
      convoke(['up', 'status', 'drill'], 'elasticloadbalancing:DescribeTargetHealth'),
      down('elasticloadbalancing:DescribeTargetGroups'),
    ),
    ownBalancers(targetGroupArns(arns), down('elasticloadbalancing:DeleteTargetGroup')),
  ],
};

const records: ResourceKind = {
  name: 'DNS records',
  types: ['AWS::Route53::RecordSet'],
  execution: (arns) => [
    {
      sid: 'WriteRecords',
      actions: [
        'route53:ChangeResourceRecordSets',
        'route53:GetHostedZone',
        'route53:ListResourceRecordSets',
      ],
      resources: [arns.plain('route53', 'hostedzone/*')],
      limit: 'other',
    },
    // This action supports no resources.
    { sid: 'SeeZones', actions: ['route53:ListHostedZones'], resources: ['*'], limit: 'other' },
    {
      sid: 'WaitForRecords',
      actions: ['route53:GetChange'],
      resources: [arns.plain('route53', 'change/*')],
      limit: 'other',
    },
  ],
  /** No other name in the zone can be changed. */
  deployer: (arns, { deployment, zoneId }) => {
    if (deployment.dns.kind !== 'route53') return [];
    const zone = [arns.plain('route53', `hostedzone/${zoneId ?? '*'}`)];
    const only = 'not with `dns: manual`';
    return [
      seeEverywhere(convoke(['check', 'up', 'down'], 'route53:ListHostedZonesByName')),
      {
        sid: 'ReadZone',
        why: 'To check the zone’s delegation, whether the name is free, and whether a record remains.',
        only,
        resources: zone,
        calls: [
          convoke(['check', 'up'], 'route53:GetHostedZone'),
          convoke(['check', 'up', 'down'], 'route53:ListResourceRecordSets'),
        ],
      },
      {
        sid: 'OwnRecords',
        why: 'To delete the domain’s records and its validation records, which CloudFormation leaves behind.',
        only,
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
        calls: [down('route53:ChangeResourceRecordSets')],
      },
    ];
  },
};

const certificates: ResourceKind = {
  name: 'certificates',
  types: ['AWS::CertificateManager::Certificate'],
  execution: (arns) => [
    {
      sid: 'RequestCertificate',
      actions: ['acm:AddTagsToCertificate', 'acm:RequestCertificate'],
      resources: ['*'],
      conditions: requestTag(arns),
      limit: 'other',
    },
    {
      sid: 'OwnCertificate',
      actions: [
        'acm:DeleteCertificate',
        'acm:DescribeCertificate',
        'acm:ListTagsForCertificate',
        'acm:RemoveTagsFromCertificate',
        'acm:UpdateCertificateOptions',
      ],
      resources: [arns.here('acm', 'certificate/*')],
      limit: 'other',
    },
  ],
  deployer: (arns, { deployment }) => {
    const byHand = isProvenManually(deployment);
    const reading: Verb[] = byHand ? ['check', 'preview', 'up', 'down'] : ['up', 'down'];
    const all = [arns.here('acm', 'certificate/*')];
    return [
      see(arns, convoke(reading, 'acm:ListCertificates')),
      {
        sid: 'SeeCertificates',
        why: 'To distinguish, by tag, the certificate that convoke requested from others for the same domain.',
        resources: all,
        calls: [convoke(reading, 'acm:ListTagsForCertificate')],
      },
      {
        sid: 'OwnCertificate',
        why: 'To delete the certificate that convoke requested. Its id is random, so the tag identifies it.',
        resources: all,
        conditions: tagged(arns),
        calls: [convoke(byHand ? ['up', 'down'] : ['down'], 'acm:DeleteCertificate')],
      },
      ...(byHand ? [request(arns)] : []),
      {
        sid: 'SeeProof',
        why: 'To read which records validate the deployment’s certificate, so that only these are deleted; with `dns: manual` also to show them.',
        resources: all,
        conditions: tagged(arns),
        calls: [convoke(reading, 'acm:DescribeCertificate')],
      },
      {
        sid: 'SeeOtherCertificates',
        why: 'To check whether a certificate for CloudFront, which is always in us-east-1, uses the same validation record.',
        unnamed:
          'AWS does not support resource-level permissions for this action; it lists names of certificates.',
        resources: ['*'],
        conditions: { StringEquals: { 'aws:RequestedRegion': 'us-east-1' } },
        calls: [down('acm:ListCertificates')],
      },
      ...rememberedProofs(arns, deployment),
    ];
  },
};

const requestTag = ({ deployment }: Arns) => ({
  StringEquals: { [`aws:RequestTag/${DEPLOYMENT_TAG}`]: deployment },
});

const request = (arns: Arns): Right => ({
  sid: 'AskForCertificate',
  why: 'To request a certificate that your records validate, with the deployment’s tag.',
  only: 'only with `dns: manual` and no certificate of your own',
  unnamed: 'A certificate that does not exist yet has no ARN; the condition on its tag limits the request.',
  resources: ['*'],
  conditions: requestTag(arns),
  calls: [convoke(['up'], 'acm:AddTagsToCertificate', 'acm:RequestCertificate')],
});

const rememberedProofs = (arns: Arns, { dns }: Scope['deployment']): Right[] =>
  dns.kind === 'route53'
    ? [
        {
          sid: 'OwnProofs',
          why: 'To store which records validated a certificate, before it is deleted or replaced, until they are deleted.',
          only: 'not with `dns: manual`',
          resources: [arns.here('ssm', `parameter${proofsName(arns.deployment)}`)],
          calls: [
            down('ssm:DeleteParameter'),
            convoke(['up', 'down'], 'ssm:GetParameter', 'ssm:PutParameter'),
          ],
        },
      ]
    : [];

/** In the order of deletion. Records before certificates, because only an existing certificate lists its records. */
export const ingressKinds = [loadBalancers, targetGroups, records, certificates];
