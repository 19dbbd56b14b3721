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
import {
  assetsBucketName,
  boundaryName,
  DEPLOYER_PATH,
  qualifier,
  roleName,
  stackName,
} from '../contract/names.js';
import { executionPolicy, inRegion } from './execution-policy.js';

/** Name of the templates' parameter that enables the boundary, `true` or `false`: known only at deployment. */
export const BOUNDARY_PARAMETER = 'BoundedRoles';

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
        Fn.conditionIf(bounded.logicalId, boundaryArn(deployment), Aws.NO_VALUE),
      );
    },
  };
  Aspects.of(stack).add(limit);
}

/** ARN of a deployment's boundary. Neither the deployer nor CloudFormation can change it. */
const boundaryArn = (deployment: string): string =>
  `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:policy${DEPLOYER_PATH}${boundaryName(deployment, Aws.REGION)}`;

const isRegional = (conditions: unknown): boolean => JSON.stringify(conditions) === JSON.stringify(inRegion);

/** Actions that create roles or extend their permissions: allowed for roles with the boundary only. */
const WIDENING = ['iam:CreateRole', 'iam:PutRolePermissionsBoundary', 'iam:PutRolePolicy'];

/**
 * The maximum permissions of any role of a deployment: what CloudFormation and the other roles of the bootstrap stack
 * need, and what machines need. Managed policies have a size limit, so all actions of a service are allowed on
 * resources with the deployment's name in their ARN; everything else is as in the execution policy. Roles created
 * under this boundary must have it, too, and it cannot be removed from them.
 */
export function boundaryPolicy(deployment: string): iam.PolicyStatement[] {
  const prefix = stackName(deployment);
  const here = (service: string, resource: string) =>
    `arn:${Aws.PARTITION}:${service}:${Aws.REGION}:${Aws.ACCOUNT_ID}:${resource}`;
  const role = (name: string) => `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:role/${name}`;
  const bucket = `arn:${Aws.PARTITION}:s3:::${assetsBucketName(deployment, Aws.ACCOUNT_ID, Aws.REGION)}`;
  const version = here('ssm', `parameter/cdk-bootstrap/${qualifier(deployment)}/version`);

  const execution = executionPolicy(deployment).filter(({ effect }) => effect === iam.Effect.ALLOW);
  const roles = execution.filter(({ actions }) => actions.includes('iam:CreateRole'));
  const rest = execution.filter((statement) => !roles.includes(statement));
  const named = rest.filter(
    ({ resources, conditions }) =>
      Object.keys(conditions as object).length === 0 && resources.every((arn) => arn.includes(prefix)),
  );
  const ownResources = [
    ...named.flatMap(({ resources }) => resources),
    here('cloudformation', `stack/${prefix}/*`),
    here('cloudformation', `stack/${prefix}-bootstrap/*`),
    bucket,
    `${bucket}/*`,
    version,
  ];
  const services = ownResources.map((arn) => arn.split(':')[2] ?? '');
  const everywhere = rest.filter(
    ({ resources, conditions }) => resources.includes('*') && isRegional(conditions),
  );
  return [
    new iam.PolicyStatement({
      sid: 'Own',
      actions: [...new Set(services)].map((service) => `${service}:*`),
      resources: [...new Set(ownResources)],
    }),
    new iam.PolicyStatement({
      sid: 'InRegion',
      actions: [...new Set(everywhere.flatMap(({ actions }) => actions))],
      resources: ['*'],
      conditions: inRegion,
    }),
    ...rest.filter((statement) => !named.includes(statement) && !everywhere.includes(statement)),
    new iam.PolicyStatement({
      sid: 'Metrics',
      actions: ['cloudwatch:PutMetricData'],
      resources: ['*'],
      conditions: { StringEquals: { 'cloudwatch:namespace': METRICS_NAMESPACE } },
    }),
    new iam.PolicyStatement({
      sid: 'HandOver',
      actions: ['iam:PassRole'],
      resources: [role(roleName(deployment, 'execute', Aws.REGION))],
      conditions: { StringEquals: { 'iam:PassedToService': 'cloudformation.amazonaws.com' } },
    }),
    new iam.PolicyStatement({
      sid: 'BoundedRoles',
      actions: WIDENING,
      resources: [role(`${prefix}-*`)],
      conditions: { StringEquals: { 'iam:PermissionsBoundary': boundaryArn(deployment) } },
    }),
    new iam.PolicyStatement({
      sid: 'OwnRoles',
      actions: roles.flatMap(({ actions }) => actions).filter((action) => !WIDENING.includes(action)),
      resources: [role(`${prefix}-*`)],
    }),
  ];
}
