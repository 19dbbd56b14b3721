import { DefaultTokenResolver, type aws_iam as iam, Tokenization } from 'aws-cdk-lib';
import { RootConstruct } from 'constructs';
import type { Account } from '../../cloud/account.js';
import { hostedZoneId } from '../../cloud/hosted-zones.js';
import { callerIdentity } from '../../cloud/identity.js';
import type { Deployment } from '../../config/deployment.js';
import { boundaryPolicy } from '../../stack/boundary.js';
import { executionPolicy } from '../../stack/execution-policy.js';
import { type PolicyDocument, policies } from './document.js';
import { rights } from './rights.js';

/** What the account must be asked to name things in a policy. */
export interface CallerContext {
  readonly account: string;
  /** Undefined where convoke writes no records. */
  readonly zoneId?: string;
}

/** Number of the account, and the zone of the domain. */
export async function callerContext(account: Account, deployment: Deployment): Promise<CallerContext> {
  const identity = await callerIdentity(account);
  const { dns } = deployment;
  return {
    account: identity.account,
    ...(dns.kind === 'route53' && { zoneId: await hostedZoneId(account, dns.zone) }),
  };
}

/** Rights of the deployer: as few policies as AWS's limits allow. */
export const deployerPolicies = (
  deployment: Deployment,
  where: CallerContext,
  deployer?: string,
): PolicyDocument[] => policies(rights({ deployment, ...where, ...(deployer && { deployer }) }));

/** The policy of CloudFormation's execution role, as in the bootstrap stack. */
export const executionDocument = (deployment: Deployment, account: string): PolicyDocument =>
  resolved(executionPolicy(deployment.name), deployment, account);

/** The permissions boundary of all roles of a deployment. */
export const boundaryDocument = (deployment: Deployment, account: string): PolicyDocument =>
  resolved(boundaryPolicy(deployment.name), deployment, account);

/** Resolves composed texts to `Fn::Join`, as a stack does, but without an app, which would create a folder. */
const resolver = new DefaultTokenResolver({ join: (left, right) => ({ 'Fn::Join': ['', [left, right]] }) });

function resolved(
  policy: readonly iam.PolicyStatement[],
  deployment: Deployment,
  account: string,
): PolicyDocument {
  const values: Record<string, string> = {
    'AWS::Partition': 'aws',
    'AWS::Region': deployment.region,
    'AWS::AccountId': account,
  };
  const statements = Tokenization.resolve(
    policy.map((s) => s.toStatementJson()),
    { scope: new RootConstruct(), resolver },
  ) as unknown[];
  return { Version: '2012-10-17', Statement: statements.map((s) => plain(s, values)) as never };
}

/** CloudFormation's `Ref`s and `Fn::Join`s as the texts that they come to. */
function plain(value: unknown, values: Readonly<Record<string, string>>): unknown {
  if (Array.isArray(value)) return value.map((item) => plain(item, values));
  if (typeof value !== 'object' || value === null) return value;
  const { Ref: ref, 'Fn::Join': join } = value as { Ref?: string; 'Fn::Join'?: [string, unknown[]] };
  if (ref) return values[ref] ?? ref;
  if (join) return (plain(join[1], values) as string[]).join(join[0]);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item, values)]));
}
