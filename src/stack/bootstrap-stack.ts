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
import { DEPLOYMENT_TAG } from '../contract/tags.js';
import { boundRoles } from './boundary.js';
import { DEBIAN_PARAMETERS } from './debian-image.js';
import { executionPolicy } from './execution-policy.js';

/** Version of CDK's bootstrap template whose duties these roles cover; CDK reads it before it deploys. */
const BOOTSTRAP_VERSION = '21';

export interface BootstrapStackProps {
  readonly deployment: string;
  readonly region: string;
}

/**
 * What has to be there before a deployment: a bucket for the files that machines fetch, and three roles, each with one
 * duty. It takes the place of CDK's shared bootstrap stack, whose execution role is an administrator's, and `down` removes it.
 */
export class BootstrapStack extends Stack {
  constructor(scope: Construct, props: BootstrapStackProps) {
    super(scope, bootstrapStackName(props.deployment), {
      env: { region: props.region },
      description: `What convoke needs to deploy ${props.deployment}; "convoke down" removes it`,
      // Whoever deploys it does so with rights of their own: the roles are what it makes. CDK's bootstrapless synthesizer
      // would name those of CDK's shared bootstrap stack, an administrator's among them.
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
      // `down` empties it first, without the Lambda function that CDK's own auto-delete would bring.
      removalPolicy: RemovalPolicy.DESTROY,
      lifecycleRules: [{ abortIncompleteMultipartUploadAfter: Duration.days(1) }],
    });
  }

  /** What CloudFormation itself may do while it makes, changes or removes the deployment. */
  private executeRole(props: BootstrapStackProps): iam.Role {
    const role = new iam.Role(this, 'Execute', {
      roleName: roleName(props.deployment, 'execute', Aws.REGION),
      assumedBy: new iam.ServicePrincipal('cloudformation.amazonaws.com'),
    });
    // In a policy of its own: CDK overestimates it where names are long, and would move the end of a role's default policy
    // to a managed one, which only an administrator may make.
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
        // CreateChangeSet resolves the template's parameters, and CDK's bootstrap template gives its deploy role this right for that.
        sid: 'ReadImageParameter',
        actions: ['ssm:GetParameters'],
        resources: [DEBIAN_PARAMETERS],
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

  /** A role for whoever in this account is allowed to assume it. */
  private personsRole(id: string, name: string): iam.Role {
    const role = new iam.Role(this, id, { roleName: name, assumedBy: new iam.AccountRootPrincipal() });
    // toolkit-lib names its session and tags it where asked to.
    role.assumeRolePolicy?.addStatements(
      new iam.PolicyStatement({ actions: ['sts:TagSession'], principals: [new iam.AccountRootPrincipal()] }),
    );
    return role;
  }
}
