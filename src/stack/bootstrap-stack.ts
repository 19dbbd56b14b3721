import {
  Aws,
  Duration,
  aws_iam as iam,
  LegacyStackSynthesizer,
  RemovalPolicy,
  Stack,
  aws_s3 as s3,
  aws_ssm as ssm,
  Tags,
} from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { assetsBucketName, bootstrapStackName, qualifier, roleName, stackName } from '../contract/names.js';
import { debianParameter } from '../contract/published-names.js';
import { DEPLOYMENT_TAG } from '../contract/tags.js';
import { boundRoles } from './boundary.js';
import { executionPolicy, templateArns } from './execution-policy.js';

/** Version of CDK's bootstrap template that these roles are equivalent to; CDK reads it before a deployment. */
const BOOTSTRAP_VERSION = '21';

export interface BootstrapStackProps {
  readonly deployment: string;
  readonly region: string;
}

/**
 * Prerequisites of a deployment: a bucket for the files that machines fetch, and three roles, each with one purpose.
 * It replaces CDK's shared bootstrap stack, whose execution role is an administrator, and `down` deletes it.
 */
export class BootstrapStack extends Stack {
  constructor(scope: Construct, props: BootstrapStackProps) {
    super(scope, bootstrapStackName(props.deployment), {
      env: { region: props.region },
      description: `What convoke needs to deploy ${props.deployment}; "convoke down" removes it`,
      // It is deployed with the caller's own permissions: the roles do not exist yet. CDK's bootstrapless synthesizer
      // would use those of CDK's shared bootstrap stack, including an administrator.
      synthesizer: new LegacyStackSynthesizer(),
    });
    const bucket = this.assetsBucket(props.deployment);
    const execute = this.executeRole(props);
    this.deployRole(props, bucket, execute);
    this.publishRole(props, bucket);
    new ssm.StringParameter(this, 'Version', {
      parameterName: `/cdk-bootstrap/${qualifier(props.deployment)}/version`,
      stringValue: BOOTSTRAP_VERSION,
    });
    boundRoles(this, props.deployment);
    Tags.of(this).add(DEPLOYMENT_TAG, props.deployment);
  }

  private assetsBucket(deployment: string): s3.Bucket {
    return new s3.Bucket(this, 'Files', {
      bucketName: assetsBucketName(deployment, Aws.ACCOUNT_ID, Aws.REGION),
      encryption: s3.BucketEncryption.S3_MANAGED,
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      // `down` empties it first, without the Lambda function of CDK's auto-delete.
      removalPolicy: RemovalPolicy.DESTROY,
      lifecycleRules: [{ abortIncompleteMultipartUploadAfter: Duration.days(1) }],
    });
  }

  /** Permissions of CloudFormation while it creates, changes or deletes the deployment. */
  private executeRole(props: BootstrapStackProps): iam.Role {
    const role = new iam.Role(this, 'Execute', {
      roleName: roleName(props.deployment, 'execute', Aws.REGION),
      assumedBy: new iam.ServicePrincipal('cloudformation.amazonaws.com'),
    });
    // A separate policy: CDK overestimates the size with long names, and would move the end of a role's default
    // policy to a managed policy, which only an administrator may create.
    new iam.Policy(this, 'ExecutePolicy', { roles: [role], statements: executionPolicy(props.deployment) });
    return role;
  }

  /** Starts and watches CloudFormation. */
  private deployRole(props: BootstrapStackProps, bucket: s3.Bucket, execute: iam.Role): void {
    const role = this.personsRole('Deploy', roleName(props.deployment, 'deploy', Aws.REGION));
    const stack = `arn:${Aws.PARTITION}:cloudformation:${Aws.REGION}:${Aws.ACCOUNT_ID}:stack/${stackName(props.deployment)}/*`;
    role.addToPolicy(
      new iam.PolicyStatement({
        sid: 'DeployThisStack',
        actions: [
          'cloudformation:CreateChangeSet',
          'cloudformation:DeleteChangeSet',
          'cloudformation:DescribeChangeSet',
          'cloudformation:ExecuteChangeSet',
          'cloudformation:CreateStack',
          'cloudformation:UpdateStack',
          'cloudformation:RollbackStack',
          'cloudformation:ContinueUpdateRollback',
          'cloudformation:DeleteStack',
          'cloudformation:DescribeStacks',
          'cloudformation:DescribeStackEvents',
          'cloudformation:DescribeEvents',
          'cloudformation:DescribeStackResources',
          'cloudformation:ListStackResources',
          'cloudformation:GetTemplate',
          'cloudformation:GetTemplateSummary',
          'cloudformation:UpdateTerminationProtection',
        ],
        resources: [stack],
      }),
    );
    role.addToPolicy(
      new iam.PolicyStatement({
        sid: 'ReadBootstrap',
        actions: ['cloudformation:DescribeStacks'],
        resources: [
          `arn:${Aws.PARTITION}:cloudformation:${Aws.REGION}:${Aws.ACCOUNT_ID}:stack/${bootstrapStackName(props.deployment)}/*`,
        ],
      }),
    );
    role.addToPolicy(
      new iam.PolicyStatement({
        sid: 'HandOverToCloudFormation',
        actions: ['iam:PassRole'],
        resources: [execute.roleArn],
        conditions: { StringEquals: { 'iam:PassedToService': 'cloudformation.amazonaws.com' } },
      }),
    );
    role.addToPolicy(
      new iam.PolicyStatement({
        sid: 'ReadTemplate',
        actions: ['s3:GetObject'],
        resources: [bucket.arnForObjects('*')],
      }),
    );
    role.addToPolicy(
      new iam.PolicyStatement({
        sid: 'ReadVersion',
        actions: ['ssm:GetParameter', 'ssm:GetParameters'],
        resources: [
          `arn:${Aws.PARTITION}:ssm:${Aws.REGION}:${Aws.ACCOUNT_ID}:parameter/cdk-bootstrap/${qualifier(props.deployment)}/version`,
        ],
      }),
    );
    role.addToPolicy(
      new iam.PolicyStatement({
        // CreateChangeSet resolves the template's parameters; CDK's bootstrap template gives its deploy role the same
        // permission.
        sid: 'ReadImageParameter',
        actions: ['ssm:GetParameters'],
        resources: [templateArns(props.deployment).public('ssm', `parameter${debianParameter('*')}`)],
      }),
    );
  }

  /** Uploads the files that machines fetch. */
  private publishRole(props: BootstrapStackProps, bucket: s3.Bucket): void {
    const role = this.personsRole('Publish', roleName(props.deployment, 'publish', Aws.REGION));
    role.addToPolicy(
      new iam.PolicyStatement({
        sid: 'SeeBucket',
        actions: ['s3:ListBucket', 's3:GetBucketLocation', 's3:GetEncryptionConfiguration'],
        resources: [bucket.bucketArn],
      }),
    );
    role.addToPolicy(
      new iam.PolicyStatement({
        sid: 'Upload',
        actions: ['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload'],
        resources: [bucket.arnForObjects('*')],
      }),
    );
  }

  /** A role that principals in this account with the permission to do so can assume. */
  private personsRole(id: string, name: string): iam.Role {
    const role = new iam.Role(this, id, { roleName: name, assumedBy: new iam.AccountRootPrincipal() });
    // toolkit-lib names and tags its session if configured to.
    role.assumeRolePolicy?.addStatements(
      new iam.PolicyStatement({ actions: ['sts:TagSession'], principals: [new iam.AccountRootPrincipal()] }),
    );
    return role;
  }
}
