import { SERVICE_LINKED_ROLES } from '../../cloud/service-linked-roles.js';
import { bootstrapStackName, qualifier, roleName, stackName } from '../../contract/names.js';
import { type Arns, cdk, cloudFormation, convoke, type Right, type Scope } from './right.js';

/**
 * Making, using and removing the bootstrap stack. CloudFormation makes its resources in the caller's name: the actions are those
 * that the handlers of their types declare (AWS's resource schemas), less the ones for properties that it does not use.
 */
export function bootstrapRights({ deployment }: Scope, arns: Arns): Right[] {
  const { name, region } = deployment;
  const stack = (own: string) => arns.here('cloudformation', `stack/${own}/*`);
  const role = (purpose: 'deploy' | 'publish' | 'execute') =>
    arns.iam(`role/${roleName(name, purpose, region)}`);
  const serviceRoles = Object.entries(SERVICE_LINKED_ROLES).map(([service, its]) =>
    arns.iam(`role/aws-service-role/${service}/${its}`),
  );
  return [
    {
      sid: 'OwnStacks',
      why: 'To read the deployed stacks, and to delete them or the remains of a failed attempt.',
      resources: [stack(stackName(name)), stack(bootstrapStackName(name))],
      calls: [
        convoke(['check', 'preview', 'up', 'status', 'drill', 'down'], 'cloudformation:DescribeStacks'),
        convoke(['preview', 'up'], 'cloudformation:GetTemplate'),
        convoke(['up', 'down'], 'cloudformation:DescribeStackEvents'),
        convoke(['up', 'down'], 'cloudformation:DeleteStack'),
      ],
    },
    {
      sid: 'CreateBootstrap',
      why: 'To create and update the bootstrap stack: a bucket and the three roles that deploy everything else.',
      resources: [stack(bootstrapStackName(name))],
      calls: [
        cdk(
          'cloudformation:ContinueUpdateRollback',
          'cloudformation:CreateChangeSet',
          'cloudformation:DeleteChangeSet',
          'cloudformation:DescribeChangeSet',
          'cloudformation:ExecuteChangeSet',
          'cloudformation:RollbackStack',
        ),
      ],
    },
    {
      sid: 'AssumeBootstrapRoles',
      why: 'To upload files and start the deployment; the bootstrap stack defines the permissions of these roles.',
      resources: [role('deploy'), role('publish')],
      calls: [convoke(['up'], 'sts:AssumeRole'), cdk('sts:AssumeRole')],
    },
    {
      sid: 'BootstrapBucket',
      why: 'To create the bucket of files that machines download, with the bootstrap stack, and to empty and delete it.',
      resources: [arns.bucket],
      calls: [
        cloudFormation(
          ['up'],
          's3:CreateBucket',
          's3:GetBucketAcl',
          's3:GetBucketOwnershipControls',
          's3:GetBucketPolicy',
          's3:GetBucketPublicAccessBlock',
          's3:GetBucketTagging',
          's3:GetEncryptionConfiguration',
          's3:GetLifecycleConfiguration',
          's3:PutBucketOwnershipControls',
          's3:PutBucketPolicy',
          's3:PutBucketPublicAccessBlock',
          's3:PutBucketTagging',
          's3:PutEncryptionConfiguration',
          's3:PutLifecycleConfiguration',
          's3:TagResource',
          's3:UntagResource',
        ),
        cloudFormation(['down'], 's3:DeleteBucketPolicy'),
        convoke(['check', 'down'], 's3:ListBucket'),
        convoke(['down'], 's3:DeleteBucket', 's3:ListBucketVersions'),
      ],
    },
    {
      sid: 'BootstrapFiles',
      why: 'To empty the bucket, because only an empty bucket can be deleted.',
      resources: [`${arns.bucket}/*`],
      calls: [convoke(['down'], 's3:DeleteObject', 's3:DeleteObjectVersion')],
    },
    {
      sid: 'SeeBoundary',
      why: 'To check whether the permissions boundary exists, and so whether roles get it.',
      resources: [arns.boundary],
      calls: [convoke(['up'], 'iam:GetPolicy')],
    },
    {
      sid: 'BoundedRoles',
      why: 'To create the three roles of the bootstrap stack, only with the boundary.',
      resources: [role('deploy'), role('publish'), role('execute')],
      conditions: { StringEquals: { 'iam:PermissionsBoundary': arns.boundary } },
      calls: [
        cloudFormation(['up'], 'iam:CreateRole', 'iam:PutRolePermissionsBoundary', 'iam:PutRolePolicy'),
      ],
    },
    {
      sid: 'BootstrapRoles',
      why: 'To read these roles and change what does not extend their permissions.',
      resources: [role('deploy'), role('publish'), role('execute')],
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
    {
      sid: 'SeeServiceRoles',
      why: 'To check whether the account has the service-linked roles of Auto Scaling, load balancers and spot instances.',
      // A role that is not there has no path yet.
      resources: [
        ...serviceRoles,
        ...Object.values(SERVICE_LINKED_ROLES).map((its) => arns.iam(`role/${its}`)),
      ],
      calls: [convoke(['up'], 'iam:GetRole')],
    },
    {
      sid: 'MakeServiceRoles',
      why: 'To create these service-linked roles in a new account. AWS defines their permissions; they are not deleted, because other workloads use them too.',
      resources: serviceRoles,
      conditions: { StringEquals: { 'iam:AWSServiceName': Object.keys(SERVICE_LINKED_ROLES) } },
      calls: [convoke(['up'], 'iam:CreateServiceLinkedRole')],
    },
    {
      sid: 'BootstrapVersion',
      why: 'To create, read and delete the parameter in which CDK stores the bootstrap stack’s version.',
      resources: [arns.here('ssm', `parameter/cdk-bootstrap/${qualifier(name)}/version`)],
      calls: [
        cloudFormation(
          ['up'],
          'ssm:AddTagsToResource',
          'ssm:GetParameters',
          'ssm:ListTagsForResource',
          'ssm:PutParameter',
          'ssm:RemoveTagsFromResource',
        ),
        convoke(['down'], 'ssm:DeleteParameter'),
      ],
    },
  ];
}
