import type { Deployment } from '../config/deployment.js';

/** The verbs that call AWS. */
export const VERBS = [
  'check',
  'preview',
  'cost',
  'up',
  'status',
  'logs',
  'report',
  'shell',
  'recordings',
  'drill',
  'invite',
  'login',
  'down',
] as const;
export type Verb = (typeof VERBS)[number];

/** IAM's `Condition`: operator → key → values. */
export type Conditions = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

/** One statement of the deployer's policy: actions on the same resources, under the same conditions. */
export interface Right {
  readonly sid: string;
  /** What it is for, in sentences. */
  readonly why: string;
  readonly calls: readonly Calls[];
  readonly resources: readonly string[];
  readonly conditions?: Conditions;
  /** Why the resources cannot be named. For every right whose resources are `*`. */
  readonly unnamed?: string;
  /** With which settings the policy has it: "only with …", "not with …". Unset: always. */
  readonly only?: string;
}

/** Actions, and the verbs that lead to them. */
export interface Calls {
  readonly verbs: readonly Verb[];
  /**
   * The program that makes the calls on behalf of the caller. `convoke`: this program. `CDK`: the library that it deploys with.
   * `CloudFormation`: the service, which creates the bootstrap stack's resources with the permissions of the caller.
   * `Auto Scaling`: the service, which launches machines only for a caller who may launch them.
   */
  readonly by: 'convoke' | 'CDK' | 'CloudFormation' | 'Auto Scaling';
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
export const autoScaling = (verbs: readonly Verb[], ...actions: string[]): Calls => ({
  verbs,
  by: 'Auto Scaling',
  actions,
});
/** What `down` calls. */
export const down = (...actions: string[]): Calls => convoke(['down'], ...actions);

/** What rights are about: a deployment, and where it is. */
export interface Scope {
  readonly deployment: Pick<
    Deployment,
    | 'name'
    | 'domain'
    | 'region'
    | 'dns'
    | 'certificate'
    | 'machines'
    | 'access'
    | 'recording'
    | 'ssh'
    | 'shell'
  >;
  /** Number of the account, 12 digits. */
  readonly account: string;
  /** Id of the Route 53 zone. Unset: any zone, but only the domain's own records in it. */
  readonly zoneId?: string;
  /** Name of the user or role that has the rights. Default: the deployment's deployer. */
  readonly deployer?: string;
}
