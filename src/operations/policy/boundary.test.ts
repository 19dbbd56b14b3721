import { describe, expect, it } from 'vitest';
import { allows } from '../../../test/iam.js';
import { parseDeployment } from '../../config/load.js';
import { METRICS_NAMESPACE } from '../../contract/metrics.js';
import { MOST_CHARACTERS, type PolicyDocument, policies, type Statement, size } from './document.js';
import { boundaryDocument, executionDocument } from './policy.js';
import { rights } from './rights.js';

const ACCOUNT = '123456789012';
const deploymentOf = (name: string, region = 'eu-central-1') =>
  parseDeployment(
    `domain: meet.example.org\nregion: ${region}\nalerts: ops@example.org\nname: ${name}\n`,
    'a file of the test',
  );
const deployment = deploymentOf('meet');
const boundary = boundaryDocument(deployment, ACCOUNT);
const BOUNDARY = `arn:aws:iam::${ACCOUNT}:policy/convoke/convoke-meet-boundary-eu-central-1`;
const role = (name: string) => `arn:aws:iam::${ACCOUNT}:role/${name}`;
const bounded = { 'iam:PermissionsBoundary': BOUNDARY };
const REGION = { 'aws:RequestedRegion': 'eu-central-1' };

const list = (value: string | readonly string[]): readonly string[] => [value].flat();

/** A call for every action and resource of a policy that allows it, and just so. */
function callsOf(document: PolicyDocument) {
  return document.Statement.filter(({ Effect }) => Effect === 'Allow').flatMap((statement: Statement) =>
    list(statement.Action).flatMap((action) =>
      list(statement.Resource).map((resource) => ({
        action,
        resource: resource === '*' ? '*' : resource.replaceAll('*', 'x'),
        context: {
          ...Object.assign(
            {},
            ...Object.values(statement.Condition ?? {}).map((keys) =>
              Object.fromEntries(Object.entries(keys).map(([key, wanted]) => [key, list(wanted)[0]])),
            ),
          ),
          ...bounded,
        },
      })),
    ),
  );
}

const allowed = (action: string, resource: string, context: Record<string, string> = {}) =>
  allows([boundary], { action, resource, context });

describe('the permissions boundary of the deployment’s roles', () => {
  it('allows everything that CloudFormation needs', () => {
    const needed = callsOf(executionDocument(deployment, ACCOUNT));
    expect(needed.length).toBeGreaterThan(120);
    expect(needed.filter((call) => !allows([boundary], call))).toEqual([]);
  });

  it('allows everything that machines and the bootstrap stack’s other roles need', () => {
    const bucket = `arn:aws:s3:::convoke-meet-${ACCOUNT}-eu-central-1`;
    const here = (service: string, resource: string) =>
      `arn:aws:${service}:eu-central-1:${ACCOUNT}:${resource}`;
    for (const [action, resource, context] of [
      ['s3:GetObject', `${bucket}/abc.mjs`],
      ['s3:PutObject', `${bucket}/abc.mjs`],
      ['s3:ListBucket', bucket],
      ['secretsmanager:GetSecretValue', here('secretsmanager', 'secret:convoke-meet-seed-a1b2c3')],
      ['cloudwatch:PutMetricData', '*', { 'cloudwatch:namespace': METRICS_NAMESPACE }],
      [
        'autoscaling:SetInstanceHealth',
        here('autoscaling', 'autoScalingGroup:x:autoScalingGroupName/convoke-meet-shard-a'),
      ],
      ['ec2:DescribeInstances', '*', REGION],
      ['cloudformation:ExecuteChangeSet', here('cloudformation', 'stack/convoke-meet/x')],
      ['cloudformation:DescribeStacks', here('cloudformation', 'stack/convoke-meet-bootstrap/x')],
      [
        'iam:PassRole',
        role('convoke-meet-execute-eu-central-1'),
        { 'iam:PassedToService': 'cloudformation.amazonaws.com' },
      ],
    ] as const)
      expect(allowed(action, resource, context), action).toBe(true);
  });

  it.each([
    ['create a role without it', 'iam:CreateRole', role('convoke-meet-x'), {}],
    [
      'create a role with another boundary',
      'iam:CreateRole',
      role('convoke-meet-x'),
      { 'iam:PermissionsBoundary': `arn:aws:iam::${ACCOUNT}:policy/wide` },
    ],
    ['widen a role that has none', 'iam:PutRolePolicy', role('convoke-meet-x'), {}],
    ['widen somebody else’s role', 'iam:PutRolePolicy', role('admin'), bounded],
    ['give a role a managed policy', 'iam:AttachRolePolicy', role('convoke-meet-x'), bounded],
    ['take it away', 'iam:DeleteRolePermissionsBoundary', role('convoke-meet-execute-eu-central-1'), bounded],
    [
      'replace it',
      'iam:PutRolePermissionsBoundary',
      role('convoke-meet-execute-eu-central-1'),
      { 'iam:PermissionsBoundary': `arn:aws:iam::${ACCOUNT}:policy/wide` },
    ],
    ['rewrite it', 'iam:CreatePolicyVersion', BOUNDARY, {}],
    ['delete it', 'iam:DeletePolicy', BOUNDARY, {}],
    [
      'hand somebody else’s role to a machine',
      'iam:PassRole',
      role('admin'),
      { 'iam:PassedToService': 'ec2.amazonaws.com' },
    ],
    ['create a user', 'iam:CreateUser', `arn:aws:iam::${ACCOUNT}:user/x`, {}],
    ['create a key', 'iam:CreateAccessKey', `arn:aws:iam::${ACCOUNT}:user/admin`, {}],
    ['become somebody else', 'sts:AssumeRole', role('admin'), {}],
    [
      'read somebody else’s secret',
      'secretsmanager:GetSecretValue',
      `arn:aws:secretsmanager:eu-central-1:${ACCOUNT}:secret:other-x`,
      REGION,
    ],
    [
      'read another deployment’s secret',
      'secretsmanager:GetSecretValue',
      `arn:aws:secretsmanager:eu-central-1:${ACCOUNT}:secret:convoke-meeting-seed-x`,
      REGION,
    ],
    ['read somebody else’s files', 's3:GetObject', 'arn:aws:s3:::other/x', REGION],
    [
      'end somebody else’s machine',
      'ec2:TerminateInstances',
      `arn:aws:ec2:eu-central-1:${ACCOUNT}:instance/i-0a`,
      REGION,
    ],
    [
      'delete somebody else’s network',
      'ec2:DeleteVpc',
      `arn:aws:ec2:eu-central-1:${ACCOUNT}:vpc/vpc-0a`,
      { ...REGION, 'aws:ResourceTag/convoke:deployment': 'other' },
    ],
    ['delete a zone', 'route53:DeleteHostedZone', 'arn:aws:route53:::hostedzone/Z1', {}],
    ['work in another region', 'ec2:RunInstances', '*', { 'aws:RequestedRegion': 'us-east-1' }],
    ['run a function', 'lambda:CreateFunction', '*', REGION],
  ])('does not let a role %s, with any policy', (_, action, resource, context) => {
    expect(allowed(action, resource, context)).toBe(false);
  });

  it('is short enough for a managed policy, with any names', () => {
    const longest = deploymentOf('abcdefghijklmnopqrst', 'ap-southeast-7');
    expect(size(boundaryDocument(longest, ACCOUNT))).toBeLessThanOrEqual(MOST_CHARACTERS);
  });
});

describe('the deployer', () => {
  const given = policies(rights({ deployment, account: ACCOUNT }));
  const execute = role('convoke-meet-execute-eu-central-1');
  const may = (action: string, resource: string, context: Record<string, string> = {}) =>
    allows(given, { action, resource, context });

  it('may create and extend the bootstrap stack’s roles only with the boundary', () => {
    for (const action of ['iam:CreateRole', 'iam:PutRolePolicy', 'iam:PutRolePermissionsBoundary']) {
      expect(may(action, execute, bounded), action).toBe(true);
      expect(may(action, execute), action).toBe(false);
      expect(may(action, execute, { 'iam:PermissionsBoundary': execute }), action).toBe(false);
    }
  });

  it('may read the boundary, but neither change nor delete it, nor remove it from a role', () => {
    expect(may('iam:GetPolicy', BOUNDARY)).toBe(true);
    for (const action of [
      'iam:CreatePolicy',
      'iam:CreatePolicyVersion',
      'iam:SetDefaultPolicyVersion',
      'iam:DeletePolicyVersion',
      'iam:DeletePolicy',
    ])
      expect(may(action, BOUNDARY, bounded), action).toBe(false);
    expect(may('iam:DeleteRolePermissionsBoundary', execute, bounded)).toBe(false);
    expect(may('iam:AttachRolePolicy', execute, bounded)).toBe(false);
  });
});
