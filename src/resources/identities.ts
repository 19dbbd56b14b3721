import { SERVICE_LINKED_ROLES } from '../contract/published-names.js';
import type { Arns } from './arns.js';
import type { ResourceKind } from './kind.js';
import { cloudFormation, convoke, down, type Right } from './right.js';
import { onOwn, passesRoles, seeEverywhere } from './statements.js';

const profiles: ResourceKind = {
  name: 'instance profiles',
  types: ['AWS::IAM::InstanceProfile'],
  execution: (arns) => [
    onOwn(
      'OwnProfiles',
      [arns.global('iam', `instance-profile/${arns.prefix}-*`)],
      [
        'iam:AddRoleToInstanceProfile',
        'iam:CreateInstanceProfile',
        'iam:DeleteInstanceProfile',
        'iam:GetInstanceProfile',
        'iam:RemoveRoleFromInstanceProfile',
      ],
    ),
    passesRoles(arns, 'ec2.amazonaws.com', 'lambda.amazonaws.com'),
  ],
  deployer: (arns) => [
    seeEverywhere(down('iam:ListInstanceProfiles')),
    {
      sid: 'OwnProfiles',
      why: 'To delete the instance profiles of machines.',
      resources: [arns.global('iam', `instance-profile/${arns.prefix}-*`)],
      calls: [
        down('iam:DeleteInstanceProfile', 'iam:GetInstanceProfile', 'iam:RemoveRoleFromInstanceProfile'),
      ],
    },
  ],
};

/** Actions that create roles or extend their permissions. The boundary allows them for roles with the boundary only. */
export const EXTENDS_ROLES = ['iam:CreateRole', 'iam:PutRolePermissionsBoundary', 'iam:PutRolePolicy'];

/** What CloudFormation may do with the deployment's roles. */
export const OWN_ROLES = 'OwnRoles';

const roles: ResourceKind = {
  name: 'roles',
  types: ['AWS::IAM::Role', 'AWS::IAM::Policy'],
  execution: (arns) => [
    onOwn(
      OWN_ROLES,
      [arns.role(`${arns.prefix}-*`)],
      [
        // PutRolePermissionsBoundary is for roles created before there was a boundary; if this role has one, it can set no
        // other.
        ...EXTENDS_ROLES,
        'iam:DeleteRole',
        'iam:DeleteRolePolicy',
        'iam:GetRole',
        'iam:GetRolePolicy',
        'iam:ListAttachedRolePolicies',
        'iam:ListRolePolicies',
        'iam:ListRoleTags',
        'iam:TagRole',
        'iam:UntagRole',
        'iam:UpdateAssumeRolePolicy',
        'iam:UpdateRole',
        'iam:UpdateRoleDescription',
      ],
    ),
    {
      sid: 'ServiceRoles',
      actions: ['iam:CreateServiceLinkedRole'],
      resources: [arns.role('aws-service-role/*')],
      conditions: { StringEquals: { 'iam:AWSServiceName': Object.keys(SERVICE_LINKED_ROLES) } },
      limit: 'other',
    },
  ],
  deployer: (arns) => [
    seeEverywhere(down('iam:ListRoles')),
    ...bootstrapRoles(arns),
    ...serviceRoles(arns),
    {
      sid: 'OwnRoles',
      why: 'To delete the roles of machines and of the bootstrap stack.',
      resources: [arns.role(`${arns.prefix}-*`)],
      calls: [
        down('iam:DeleteRole', 'iam:DeleteRolePolicy', 'iam:ListRolePolicies'),
        cloudFormation(['down'], 'iam:ListAttachedRolePolicies'),
      ],
    },
  ],
};

/** CloudFormation creates the bootstrap stack's roles with the deployer's permissions. */
const bootstrapRoles = (arns: Arns): Right[] => [
  {
    sid: 'SeeBoundary',
    why: 'To check whether the permissions boundary exists, and so whether roles get it.',
    resources: [arns.boundary],
    calls: [convoke(['up'], 'iam:GetPolicy')],
  },
  {
    sid: 'BoundedRoles',
    why: 'To create the three roles of the bootstrap stack, only with the boundary.',
    resources: arns.bootstrapRoles,
    conditions: { StringEquals: { 'iam:PermissionsBoundary': arns.boundary } },
    calls: [cloudFormation(['up'], ...EXTENDS_ROLES)],
  },
  {
    sid: 'BootstrapRoles',
    why: 'To read these roles and change what does not extend their permissions.',
    resources: arns.bootstrapRoles,
    calls: [
      cloudFormation(
        ['up'],
        'iam:GetRole',
        'iam:GetRolePolicy',
        'iam:TagRole',
        'iam:UntagRole',
        'iam:UpdateAssumeRolePolicy',
        'iam:UpdateRole',
        'iam:UpdateRoleDescription',
      ),
    ],
  },
];

function serviceRoles(arns: Arns): Right[] {
  const own = Object.entries(SERVICE_LINKED_ROLES).map(([service, name]) =>
    arns.role(`aws-service-role/${service}/${name}`),
  );
  return [
    {
      sid: 'SeeServiceRoles',
      why: 'To check whether the account has the service-linked roles of Auto Scaling, load balancers and spot instances.',
      // A role that does not exist has no path yet.
      resources: [...own, ...Object.values(SERVICE_LINKED_ROLES).map((name) => arns.role(name))],
      calls: [convoke(['up'], 'iam:GetRole')],
    },
    {
      sid: 'MakeServiceRoles',
      why: 'To create these service-linked roles in a new account. AWS defines their permissions; they are not deleted, because other workloads use them too.',
      resources: own,
      conditions: { StringEquals: { 'iam:AWSServiceName': Object.keys(SERVICE_LINKED_ROLES) } },
      calls: [convoke(['up'], 'iam:CreateServiceLinkedRole')],
    },
  ];
}

/** In the order of deletion. */
export const identityKinds = [profiles, roles];
