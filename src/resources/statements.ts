import { DEPLOYMENT_TAG } from '../contract/tags.js';
import type { Arns } from './arns.js';
import type { Statement } from './kind.js';
import type { Calls, Conditions, Right } from './right.js';

/** Only in the deployment's region. */
export const inRegion = ({ place }: Arns): Conditions => ({
  StringEquals: { 'aws:RequestedRegion': place.region },
});

/** Only resources with the deployment's tag. */
export const tagged = ({ deployment }: Arns): Conditions => ({
  StringEquals: { [`aws:ResourceTag/${DEPLOYMENT_TAG}`]: deployment },
});

/** CloudFormation: actions on resources that have the deployment's name in their ARN. */
export const onOwn = (sid: string, resources: readonly string[], actions: readonly string[]): Statement => ({
  sid,
  resources,
  actions,
  limit: 'name',
});

/** CloudFormation: creates EC2 resources. Their ids are random, so only the region limits this. */
export const creates = (arns: Arns, ...actions: string[]): Statement => ({
  sid: 'MakeNetworkAndTemplate',
  resources: ['*'],
  actions,
  conditions: inRegion(arns),
  limit: 'region',
});

/** CloudFormation: changes and deletes EC2 resources, identified by their tag. */
export const changesTagged = (arns: Arns, ...actions: string[]): Statement => ({
  sid: 'RemoveOwnNetworkAndTemplate',
  resources: ['*'],
  actions,
  conditions: tagged(arns),
  limit: 'other',
});

/**
 * CloudFormation: reads. None of these actions supports resources, and none reads a secret. Handlers read more than
 * their schemas declare, so families such as `ec2:Describe*` are allowed as a whole.
 */
export const reads = (arns: Arns, ...actions: string[]): Statement => ({
  sid: 'See',
  resources: ['*'],
  actions,
  conditions: inRegion(arns),
  limit: 'region',
});

/** CloudFormation: gives the deployment's roles to services that act in them. */
export const passesRoles = (arns: Arns, ...services: string[]): Statement => ({
  sid: 'PassOwnRoles',
  actions: ['iam:PassRole'],
  resources: [arns.role(`${arns.prefix}-*`)],
  conditions: { StringEquals: { 'iam:PassedToService': services } },
  limit: 'other',
});

/** The deployer: reads in the region. */
export const see = (arns: Arns, ...calls: Calls[]): Right => ({
  sid: 'See',
  why: 'To find machines, Auto Scaling groups and other resources by tag, name or prefix, and to check quotas.',
  unnamed:
    'AWS does not support resource-level permissions for these actions; they only read, and only in this region.',
  resources: ['*'],
  conditions: inRegion(arns),
  calls,
});

/** The deployer: reads from services without regions. */
export const seeEverywhere = (...calls: Calls[]): Right => ({
  sid: 'SeeEverywhere',
  why: 'To find roles, instance profiles and the domain’s hosted zone by name, and to read the price list.',
  unnamed:
    'AWS does not support resource-level permissions for these actions; they read only names and prices. These services have no regions.',
  resources: ['*'],
  calls,
});

/** The deployer: deletes EC2 resources of a type, identified by their tag. */
export const deletesTagged = (arns: Arns, type: string, ...calls: Calls[]): Right => ({
  sid: 'OwnMachinesAndNetwork',
  why: 'To delete machines, disks, images and the network. Their ids are random, so the tag identifies them.',
  // Images and snapshots have no account in their ARN.
  resources: [
    ['image', 'snapshot'].includes(type) ? arns.public('ec2', `${type}/*`) : arns.here('ec2', `${type}/*`),
  ],
  conditions: tagged(arns),
  calls,
});
