import { Aws, LegacyStackSynthesizer, RemovalPolicy, Stack, Tags } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { recordingsBucketName, recordingsStackName } from '../contract/names.js';
import { DEPLOYMENT_TAG } from '../contract/tags.js';
import { recordingsBucket } from './recordings-bucket.js';

export interface RecordingsStackProps {
  readonly deployment: string;
  readonly region: string;
  /** Days after which recordings are deleted. Default: never. */
  readonly keepDays?: number | undefined;
}

/**
 * The bucket of recordings, in a stack of its own: `down` keeps it with its recordings, and a later `up` finds it. It is
 * deployed with the caller's own permissions, as the bootstrap stack, whose roles are deleted with the deployment.
 */
export class RecordingsStack extends Stack {
  constructor(scope: Construct, { deployment, region, keepDays }: RecordingsStackProps) {
    super(scope, recordingsStackName(deployment), {
      env: { region },
      description: `Recordings of ${deployment}; "convoke down --recordings delete" removes them`,
      synthesizer: new LegacyStackSynthesizer(),
    });
    recordingsBucket(this, 'Recordings', {
      bucketName: recordingsBucketName(deployment, Aws.ACCOUNT_ID, Aws.REGION),
      keepDays,
      // The stack is deleted only once it is to go with its recordings.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    Tags.of(this).add(DEPLOYMENT_TAG, deployment);
  }
}
