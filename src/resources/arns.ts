import {
  assetsBucketName,
  boundaryName,
  DEPLOYER_PATH,
  deployerName,
  namePrefix,
  recordingsBucketName,
  roleName,
} from '../contract/names.js';

/** Where a deployment is: values, or CloudFormation's tokens for them. */
export interface Place {
  readonly partition: string;
  readonly region: string;
  /** Number of the account. */
  readonly account: string;
}

/** ARNs of a deployment's resources. */
export class Arns {
  /** The beginning of all names. */
  readonly prefix: string;

  constructor(
    /** Name of the deployment. */
    readonly deployment: string,
    readonly place: Place,
  ) {
    this.prefix = namePrefix(deployment);
  }

  /** In the deployment's region. */
  here(service: string, resource: string): string {
    const { partition, region, account } = this.place;
    return `arn:${partition}:${service}:${region}:${account}:${resource}`;
  }

  /** Of a service without regions. */
  global(service: string, resource: string): string {
    const { partition, account } = this.place;
    return `arn:${partition}:${service}::${account}:${resource}`;
  }

  /** Of resources that have no account in their ARN, such as images and public parameters. */
  public(service: string, resource: string): string {
    const { partition, region } = this.place;
    return `arn:${partition}:${service}:${region}::${resource}`;
  }

  /** Of services that have neither account nor region in their ARNs. */
  plain(service: string, resource: string): string {
    return `arn:${this.place.partition}:${service}:::${resource}`;
  }

  role(name: string): string {
    return this.global('iam', `role/${name}`);
  }

  /** The three roles of the bootstrap stack, or one of them. */
  bootstrapRole(purpose: BootstrapRole): string {
    return this.role(roleName(this.deployment, purpose, this.place.region));
  }

  get bootstrapRoles(): string[] {
    return BOOTSTRAP_ROLES.map((purpose) => this.bootstrapRole(purpose));
  }

  /** Bucket of the files that machines download. */
  get bucket(): string {
    const { account, region } = this.place;
    return this.plain('s3', assetsBucketName(this.deployment, account, region));
  }

  /** Bucket of recordings. */
  get recordings(): string {
    const { account, region } = this.place;
    return this.plain('s3', recordingsBucketName(this.deployment, account, region));
  }

  /** The managed policy that limits the deployment's roles. */
  get boundary(): string {
    return this.global('iam', `policy${DEPLOYER_PATH}${boundaryName(this.deployment, this.place.region)}`);
  }

  /** The deployer, as a user and as a role. `name`: default is the deployment's own. */
  deployer(name = deployerName(this.deployment, this.place.region)): string[] {
    return ['user', 'role'].map((kind) => this.global('iam', `${kind}${DEPLOYER_PATH}${name}`));
  }
}

const BOOTSTRAP_ROLES = ['deploy', 'publish', 'execute'] as const;
type BootstrapRole = (typeof BOOTSTRAP_ROLES)[number];
