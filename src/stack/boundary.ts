import {
  Aspects,
  Aws,
  CfnCondition,
  CfnParameter,
  Fn,
  type IAspect,
  aws_iam as iam,
  type Stack,
  Token,
} from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { METRICS_NAMESPACE } from '../contract/metrics.js';
import { boundaryName, stackName } from '../contract/names.js';
import { RECORDINGS_PREFIX } from '../contract/recording.js';
import { BOUNDARY_PARAMETER } from '../contract/template.js';
import { EXTENDS_ROLES, OWN_ROLES } from '../resources/identities.js';
import type { Statement } from '../resources/kind.js';
import { executionStatements } from '../resources/resources.js';
import { inRegion } from '../resources/statements.js';
import { versionArn } from '../resources/storage.js';
import { policyStatement, templateArns } from './execution-policy.js';

/** What machines need for sessions of Session Manager: `SESSION_ACTIONS`, in fewer characters. */
const SESSIONS = ['ssm:UpdateInstanceInformation', 'ssmmessages:*'];

/** Load balancers, listeners and target groups of one name in one ARN, because a managed policy has a size limit. */
const anyKindOfBalancer = (arn: string): string => arn.replace(/:(?:\*\/(?:app|net)|targetgroup)\//, ':*/');

/**
 * Sets a managed policy as the permissions boundary of all roles of a stack: no role can do more than the boundary
 * allows, whatever its policies say. Without it, roles are limited by their own policies only.
 */
export function boundRoles(stack: Stack, deployment: string): void {
  const parameter = new CfnParameter(stack, BOUNDARY_PARAMETER, {
    type: 'String',
    default: 'false',
    allowedValues: ['true', 'false'],
    description: `Whether every role is limited by the managed policy ${boundaryName(deployment, stack.region)}`,
  });
  const bounded = new CfnCondition(stack, 'Bounded', {
    expression: Fn.conditionEquals(parameter.valueAsString, 'true'),
  });
  const limit: IAspect = {
    visit(node: IConstruct) {
      if (!(node instanceof iam.CfnRole)) return;
      node.permissionsBoundary = Token.asString(
        Fn.conditionIf(bounded.logicalId, templateArns(deployment).boundary, Aws.NO_VALUE),
      );
    },
  };
  Aspects.of(stack).add(limit);
}

/**
 * The maximum permissions of any role of a deployment: what CloudFormation and the other roles of the bootstrap stack
 * need, and what machines need. Managed policies have a size limit, so all actions of a service are allowed on
 * resources with the deployment's name in their ARN; everything else is as in the execution policy. Roles created
 * under this boundary must have it, too, and it cannot be removed from them.
 */
export function boundaryPolicy(deployment: string): iam.PolicyStatement[] {
  const arns = templateArns(deployment);
  const prefix = stackName(deployment);
  const all = executionStatements(arns);
  const roles = all.filter(({ sid }) => sid === OWN_ROLES).flatMap(({ actions }) => actions);
  const limitedBy = (limit: Statement['limit']) =>
    all.filter((statement) => statement.limit === limit && statement.sid !== OWN_ROLES);
  const ownResources = [
    ...limitedBy('name').flatMap(({ resources }) => resources),
    arns.here('cloudformation', `stack/${prefix}/*`),
    arns.here('cloudformation', `stack/${prefix}-bootstrap/*`),
    arns.bucket,
    `${arns.bucket}/*`,
    // Of the bucket of recordings, only what recorders write.
    `${arns.recordings}/${RECORDINGS_PREFIX}*`,
    versionArn(arns),
  ];
  const services = ownResources.map((arn) => arn.split(':')[2] ?? '');
  // No action of one service applies to a resource of another, so these need no statement each.
  const plain = limitedBy('other').filter(
    ({ resources, conditions }) => conditions === undefined && !resources.includes('*'),
  );
  const statements: Omit<Statement, 'limit'>[] = [
    {
      sid: 'Own',
      actions: [...new Set(services)].map((service) => `${service}:*`),
      resources: [...new Set(ownResources.map(anyKindOfBalancer))],
    },
    {
      sid: 'InRegion',
      actions: [...limitedBy('region').flatMap(({ actions }) => actions), ...SESSIONS],
      resources: ['*'],
      conditions: inRegion(arns),
    },
    {
      sid: 'Others',
      actions: plain.flatMap(({ actions }) => actions),
      resources: plain.flatMap(({ resources }) => resources),
    },
    ...limitedBy('other').filter((statement) => !plain.includes(statement)),
    {
      sid: 'Metrics',
      actions: ['cloudwatch:PutMetricData'],
      resources: ['*'],
      conditions: { StringEquals: { 'cloudwatch:namespace': METRICS_NAMESPACE } },
    },
    {
      sid: 'HandOver',
      actions: ['iam:PassRole'],
      resources: [arns.bootstrapRole('execute')],
      conditions: { StringEquals: { 'iam:PassedToService': 'cloudformation.amazonaws.com' } },
    },
    {
      sid: 'BoundedRoles',
      actions: EXTENDS_ROLES,
      resources: [arns.role(`${prefix}-*`)],
      conditions: { StringEquals: { 'iam:PermissionsBoundary': arns.boundary } },
    },
    {
      sid: 'OwnRoles',
      actions: roles.filter((action) => !EXTENDS_ROLES.includes(action)),
      resources: [arns.role(`${prefix}-*`)],
    },
  ];
  return statements.map(policyStatement);
}
