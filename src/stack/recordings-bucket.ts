import { Duration, type RemovalPolicy, aws_s3 as s3 } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { RECORDINGS_PREFIX } from '../contract/recording.js';

export interface RecordingsBucketProps {
  readonly bucketName: string;
  /** Days after which recordings are deleted. Default: never. */
  readonly keepDays?: number | undefined;
  readonly removalPolicy: RemovalPolicy;
}

/**
 * The bucket of recordings: private, encrypted, over TLS only. What a recorder uploaded before it died is an unfinished
 * upload, which is kept as long as a recording, and `convoke recordings` makes it one.
 */
export function recordingsBucket(scope: Construct, id: string, props: RecordingsBucketProps): s3.Bucket {
  const { keepDays } = props;
  return new s3.Bucket(scope, id, {
    bucketName: props.bucketName,
    encryption: s3.BucketEncryption.S3_MANAGED,
    blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
    objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
    enforceSSL: true,
    removalPolicy: props.removalPolicy,
    lifecycleRules: [
      {
        prefix: RECORDINGS_PREFIX,
        ...(keepDays !== undefined && { expiration: Duration.days(keepDays) }),
        abortIncompleteMultipartUploadAfter: Duration.days(keepDays ?? 365),
      },
    ],
  });
}
