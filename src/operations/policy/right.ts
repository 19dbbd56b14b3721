import type { Deployment } from '../../config/deployment.js';
import { assetsBucketName, DEPLOYER_PATH, deployerName, namePrefix } from '../../contract/names.js';
import { boundaryArn } from './boundary.js';

/** What a person may type that asks AWS for something. */
export type Verb = 'check' | 'preview' | 'cost' | 'up' | 'status' | 'drill' | 'invite' | 'down';

/** IAM's `Condition`: operator → key → values. */
export type Conditions = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

/** Calls of one kind, on the same things, under the same conditions: one statement of a policy. */
export interface Right {
  readonly sid: string;
  /** What it is for, a sentence. */
  readonly why: string;
  readonly calls: readonly Calls[];
  readonly resources: readonly string[];
  readonly conditions?: Conditions;
  /** Why these cannot be named one by one. For every right whose resources are `*`. */
  readonly unnamed?: string;
}

/** Actions, and the verbs that lead to them. */
export interface Calls {
  readonly verbs: readonly Verb[];
  /**
   * Who makes the calls in the caller's name. `convoke`: this program. `CDK`: the library that it deploys with.
   * `CloudFormation`: the service, which makes the bootstrap stack's resources with the rights of whoever asked for the stack.
   */
  readonly by: 'convoke' | 'CDK' | 'CloudFormation';
  readonly actions: readonly string[];
}

export const convoke = (verbs: readonly Verb[], ...actions: string[]): Calls => ({
  verbs,
  by: 'convoke',
  actions,
});
export const cdk = (...actions: string[]): Calls => ({ verbs: ['up'], by: 'CDK', actions });
export const cloudFormation = (verbs: readonly Verb[], ...actions: string[]): Calls => ({
  verbs,
  by: 'CloudFormation',
  actions,
});

/** What rights are about: a deployment, and where it is. */
export interface Scope {
  readonly deployment: Pick<
    Deployment,
    'name' | 'domain' | 'region' | 'dns' | 'certificate' | 'machines' | 'access' | 'ssh'
  >;
  /** Number of the account, 12 digits. */
  readonly account: string;
  /** Id of the Route 53 zone. Unset: any zone, but only the domain's own records in it. */
  readonly zoneId?: string;
  /** Name of the user or role that has the rights. Default: the deployment's deployer. */
  readonly deployer?: string;
}

/** ARNs of a scope. */
export class Arns {
  readonly prefix: string;

  constructor(private readonly scope: Scope) {
    this.prefix = namePrefix(scope.deployment.name);
  }

  here(service: string, resource: string): string {
    return `arn:aws:${service}:${this.scope.deployment.region}:${this.scope.account}:${resource}`;
  }

  /** Of a service that has no regions. */
  global(service: string, resource: string): string {
    return `arn:aws:${service}::${this.scope.account}:${resource}`;
  }

  iam(resource: string): string {
    return this.global('iam', resource);
  }

  get bucket(): string {
    const { deployment, account } = this.scope;
    return `arn:aws:s3:::${assetsBucketName(deployment.name, account, deployment.region)}`;
  }

  /** The managed policy that limits the deployment's roles. */
  get boundary(): string {
    return boundaryArn(this.scope.deployment, this.scope.account);
  }

  /** Whoever has the rights: as a user, and as a role. */
  get deployer(): string[] {
    const { deployment, deployer = deployerName(deployment.name, deployment.region) } = this.scope;
    return ['user', 'role'].map((kind) => this.iam(`${kind}${DEPLOYER_PATH}${deployer}`));
  }
}
