import { needsTokens } from '../contract/access.js';
import { alertsName, lockName, loginName, qualifier, seedName } from '../contract/names.js';
import type { Arns } from './arns.js';
import type { ResourceKind } from './kind.js';
import { cloudFormation, convoke, down, type Right } from './right.js';
import { inRegion, onOwn, see } from './statements.js';

const secrets: ResourceKind = {
  name: 'secrets',
  types: ['AWS::SecretsManager::Secret'],
  execution: (arns) => [
    onOwn(
      'OwnSecret',
      [arns.here('secretsmanager', `secret:${arns.prefix}-*`)],
      [
        'secretsmanager:CreateSecret',
        'secretsmanager:DeleteSecret',
        'secretsmanager:DescribeSecret',
        'secretsmanager:GetSecretValue',
        'secretsmanager:TagResource',
        'secretsmanager:UntagResource',
        'secretsmanager:UpdateSecret',
      ],
    ),
    // This action supports no resources: it only generates a password.
    {
      sid: 'MakeUpPassword',
      actions: ['secretsmanager:GetRandomPassword'],
      resources: ['*'],
      conditions: inRegion(arns),
      limit: 'region',
    },
  ],
  deployer: (arns, { deployment }) => [
    see(arns, down('secretsmanager:ListSecrets')),
    {
      sid: 'OwnSecret',
      why: 'To delete the secrets that passwords are derived from; this does not need permission to read them.',
      resources: [arns.here('secretsmanager', `secret:${arns.prefix}-*`)],
      calls: [down('secretsmanager:DeleteSecret')],
    },
    ...(needsTokens(deployment.access)
      ? [
          {
            sid: 'ReadSecret',
            why: 'To sign invitations, also for the probe of a meeting that needs them.',
            only: 'only with `access: members` or `access: hosts`',
            resources: [arns.here('secretsmanager', `secret:${seedName(arns.deployment)}-*`)],
            calls: [convoke(['up', 'drill', 'invite'], 'secretsmanager:GetSecretValue')],
          },
        ]
      : []),
    ...(deployment.access === 'hosts'
      ? [
          {
            sid: 'SetLoginSecret',
            why: 'To store the client’s secret at the provider where hosts sign in; this does not permit reading it.',
            only: 'only with `access: hosts`',
            resources: [arns.here('secretsmanager', `secret:${loginName(arns.deployment)}-*`)],
            calls: [convoke(['login'], 'secretsmanager:PutSecretValue')],
          },
        ]
      : []),
  ],
};

/** ARN of the parameter in which CDK looks for the version of the bootstrap stack. */
export const versionArn = (arns: Arns): string =>
  arns.here('ssm', `parameter/cdk-bootstrap/${qualifier(arns.deployment)}/version`);

/**
 * One has the log of alerts. CloudFormation creates another one for the bootstrap stack, with the deployer's permissions.
 */
const parameters: ResourceKind = {
  name: 'parameters',
  types: ['AWS::SSM::Parameter'],
  execution: (arns) => [
    onOwn(
      'OwnAlertLog',
      [arns.here('ssm', `parameter/${arns.prefix}-*`)],
      [
        'ssm:AddTagsToResource',
        'ssm:DeleteParameter',
        'ssm:GetParameters',
        'ssm:ListTagsForResource',
        'ssm:PutParameter',
        'ssm:RemoveTagsFromResource',
      ],
    ),
  ],
  deployer: (arns) => [
    see(arns, down('ssm:DescribeParameters')),
    {
      sid: 'BootstrapVersion',
      why: 'To create, read and delete the parameter in which CDK stores the bootstrap stack’s version.',
      resources: [versionArn(arns)],
      calls: [
        cloudFormation(
          ['up'],
          'ssm:AddTagsToResource',
          'ssm:GetParameters',
          'ssm:ListTagsForResource',
          'ssm:PutParameter',
          'ssm:RemoveTagsFromResource',
        ),
        down('ssm:DeleteParameter'),
      ],
    },
    {
      sid: 'OwnAlertLog',
      why: 'To see which alerts were sent, and to delete the log of them.',
      resources: [arns.here('ssm', `parameter/${alertsName(arns.deployment)}`)],
      calls: [convoke(['up', 'status'], 'ssm:GetParameterHistory'), down('ssm:DeleteParameter')],
    },
    {
      sid: 'OwnLock',
      why: 'To take and release the lock: a parameter that records who runs up or down on the deployment.',
      // A colon before the number of a version; no parameter has one in its name.
      resources: ['', ':*'].map((version) =>
        arns.here('ssm', `parameter${lockName(arns.deployment)}${version}`),
      ),
      calls: [convoke(['up', 'down'], 'ssm:DeleteParameter', 'ssm:GetParameter', 'ssm:PutParameter')],
    },
  ],
};

/** What CloudFormation calls to create or change a bucket. */
const MAKE_BUCKET = [
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
];

/** The bucket of recordings, which `down` deletes only if it is told to. */
const recordings = (arns: Arns): Right[] => [
  {
    sid: 'RecordingsBucket',
    why: 'To create the bucket of recordings, and to see what it contains. It is deleted only with `down --recordings delete`.',
    only: 'only with `recording`',
    resources: [arns.recordings],
    calls: [
      cloudFormation(['up'], ...MAKE_BUCKET),
      cloudFormation(['down'], 's3:DeleteBucketPolicy'),
      convoke(['recordings', 'down'], 's3:ListBucket'),
      convoke(['recordings'], 's3:ListBucketMultipartUploads'),
      down('s3:DeleteBucket', 's3:ListBucketVersions'),
    ],
  },
  {
    sid: 'Recordings',
    why: 'To download and delete recordings, and to complete those whose recorder failed.',
    only: 'only with `recording`',
    resources: [`${arns.recordings}/*`],
    calls: [
      convoke(['recordings'], 's3:GetObject', 's3:ListMultipartUploadParts', 's3:PutObject'),
      convoke(['recordings', 'down'], 's3:DeleteObject'),
      down('s3:DeleteObjectVersion'),
    ],
  },
];

/** CloudFormation creates them for the bootstrap stack and that of recordings, with the deployer's permissions. */
const buckets: ResourceKind = {
  name: 'buckets',
  types: ['AWS::S3::Bucket', 'AWS::S3::BucketPolicy'],
  deployer: (arns, { deployment }) => [
    {
      sid: 'BootstrapBucket',
      why: 'To create the bucket of files that machines download, with the bootstrap stack, and to empty and delete it.',
      resources: [arns.bucket],
      calls: [
        cloudFormation(['up'], ...MAKE_BUCKET),
        cloudFormation(['down'], 's3:DeleteBucketPolicy'),
        convoke(['check', 'down'], 's3:ListBucket'),
        down('s3:DeleteBucket', 's3:ListBucketVersions'),
      ],
    },
    {
      sid: 'BootstrapFiles',
      why: 'To empty the bucket, because only an empty bucket can be deleted.',
      resources: [`${arns.bucket}/*`],
      calls: [down('s3:DeleteObject', 's3:DeleteObjectVersion')],
    },
    ...(deployment.recording ? recordings(arns) : []),
  ],
};

/** In the order of deletion. */
export const storageKinds = [secrets, parameters, buckets];
