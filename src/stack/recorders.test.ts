import { App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it, vi } from 'vitest';
import { temporaryOutput } from '../../test/sample-construct.js';
import { recorded } from '../../test/sample-deployments.js';
import { releases } from '../../test/sample-release.js';
import { DeploymentStack } from './deployment-stack.js';
import { RecordingsStack } from './recordings-stack.js';

// The first stack of a process loads most of CDK, which takes long on a busy machine.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

temporaryOutput();

describe('recorders', () => {
  const template = Template.fromStack(new DeploymentStack(new App(), recorded, releases));
  const statementsOf = (role: string) =>
    Object.entries(template.findResources('AWS::IAM::Policy'))
      .filter(([id]) => id.startsWith(role))
      .flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement);

  it('may write recordings, and neither read nor delete anything in their bucket', () => {
    const statements = statementsOf('JitsiRecordersRole');
    const ofBucket = statements.filter((each) => JSON.stringify(each.Resource).includes('convoke-meet-rec-'));
    expect(ofBucket).toEqual([expect.objectContaining({ Action: 's3:PutObject', Effect: 'Allow' })]);
    expect(JSON.stringify(ofBucket[0].Resource)).toContain('/recordings/*');
  });

  it('read the secret of recorders only', () => {
    const secrets = statementsOf('JitsiRecordersRole')
      .filter(({ Action }) => [Action].flat().includes('secretsmanager:GetSecretValue'))
      .map(({ Resource }) => Resource);
    expect(secrets).toEqual([{ Ref: expect.stringMatching(/^JitsiRecorderSeed/) }]);
  });

  it('run only while somebody meets: the group begins without any', () => {
    template.hasResourceProperties('AWS::AutoScaling::AutoScalingGroup', {
      AutoScalingGroupName: 'convoke-meet-recorders',
      MinSize: '0',
      MaxSize: '3',
    });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: 'convoke-meet-recorders-lacking',
      MetricName: 'RecordersLacking',
      Statistic: 'Maximum',
      Threshold: 1,
    });
  });

  it('send mail when they fail', () => {
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        $or: Match.arrayWith([
          Match.objectLike({
            detail: { AutoScalingGroupName: Match.arrayWith(['convoke-meet-recorders']) },
          }),
        ]),
      },
    });
  });

  it('are reached by nobody', () => {
    template.hasResourceProperties('AWS::EC2::SecurityGroup', {
      GroupDescription: 'convoke meet: recorders',
      SecurityGroupIngress: Match.absent(),
    });
  });
});

it('the bucket of recordings is private, encrypted, and forgets after the days in the file', () => {
  const template = Template.fromStack(
    new RecordingsStack(new App(), { deployment: 'meet', region: 'eu-central-1', keepDays: 90 }),
  );
  template.hasResourceProperties('AWS::S3::Bucket', {
    PublicAccessBlockConfiguration: {
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    },
    BucketEncryption: Match.anyValue(),
    LifecycleConfiguration: {
      Rules: [
        {
          Prefix: 'recordings/',
          Status: 'Enabled',
          ExpirationInDays: 90,
          AbortIncompleteMultipartUpload: { DaysAfterInitiation: 90 },
        },
      ],
    },
  });
});
