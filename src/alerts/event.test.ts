import { describe, expect, it } from 'vitest';
import type { AlertSettings } from '../contract/alerts.js';
import { occurrenceOf } from './event.js';

const GROUP = 'convoke-meet-bridges';
const settings: AlertSettings = {
  deployment: 'meet',
  domain: 'meet.example.org',
  region: 'eu-central-1',
  language: 'en',
  shards: ['convoke-meet-shard-a'],
  bridges: GROUP,
  targetGroup: 'arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/convoke-meet/1',
  topic: 'arn:aws:sns:eu-central-1:123456789012:convoke-meet-alerts',
  log: 'convoke-meet-alerts',
  ownCertificate: true,
};
const event = (source: string, type: string, detail: object) => ({
  id: '1',
  source,
  'detail-type': type,
  time: '2026-12-02T04:52:00Z',
  detail,
});
const terminated = (Cause: string, group = GROUP) =>
  occurrenceOf(
    event('aws.autoscaling', 'EC2 Instance Terminate Successful', {
      AutoScalingGroupName: group,
      EC2InstanceId: 'i-1',
      Cause,
      Details: { 'Availability Zone': 'eu-central-1a' },
    }),
    settings,
  );
const alarm = (name: string, value: string, before = 'OK') =>
  occurrenceOf(
    event('aws.cloudwatch', 'CloudWatch Alarm State Change', {
      alarmName: `convoke-meet-alert-${name}`,
      state: { value },
      previousState: { value: before },
    }),
    settings,
  );

describe('a termination', () => {
  it.each([
    'an instance was taken out of service in response to an EC2 health check indicating it has been terminated or stopped.',
    'an instance was taken out of service in response to an EC2 instance status checks failure.',
    'an instance was taken out of service in response to an ELB system health check failure.',
    'an instance was taken out of service in response to a user health-check.',
  ])('is a failure: %s', (cause) => {
    expect(terminated(`At 2026-12-02T04:51:00Z ${cause}`)).toMatchObject({
      kind: 'lost',
      group: GROUP,
      machine: 'i-1',
      zone: 'eu-central-1a',
    });
  });

  it.each([
    'a user request update of AutoScalingGroup constraints to min: 0, max: 0, desired: 0 changing the desired capacity from 2 to 0.',
    'a monitor alarm idle in state ALARM triggered policy shrink changing the desired capacity from 3 to 2.',
    'a scheduled action update of AutoScalingGroup constraints changing the desired capacity from 4 to 2.',
    'an instance was taken out of service in response to a user request.',
    'an instance was terminated in response to an instance refresh.',
  ])('is planned: %s', (cause) => {
    expect(terminated(`At 2026-12-02T04:51:00Z ${cause}`)).toBeUndefined();
  });

  it('of another group does not matter', () => {
    expect(terminated('an ELB system health check failure', 'other')).toBeUndefined();
  });

  it('fits into the log, however much AWS says about it', () => {
    const occurrence = terminated(`a health check ${'ß'.repeat(10_000)}`);
    expect(Buffer.byteLength(JSON.stringify({ occurrence }))).toBeLessThan(4_096);
  });
});

it('of a launch that was not completed names the machine, and of a refused one none', () => {
  const failedLaunch = (EC2InstanceId: string) =>
    occurrenceOf(
      event('aws.autoscaling', 'EC2 Instance Launch Unsuccessful', {
        AutoScalingGroupName: GROUP,
        EC2InstanceId,
        StatusMessage: 'the action was abandoned or timed out',
      }),
      settings,
    );
  expect(failedLaunch('i-1')).toMatchObject({ kind: 'launch-failed', machine: 'i-1' });
  expect(failedLaunch('')).not.toHaveProperty('machine');
});

describe('an alarm', () => {
  it('is raised or ends', () => {
    expect(alarm('no-shard', 'ALARM')).toMatchObject({ kind: 'alarm', alarm: 'no-shard', raised: true });
    expect(alarm('no-shard', 'OK', 'ALARM')).toMatchObject({ raised: false });
  });

  it('says nothing while it has no data, or when it was just created', () => {
    expect(alarm('no-shard', 'INSUFFICIENT_DATA')).toBeUndefined();
    expect(alarm('no-shard', 'ALARM', 'INSUFFICIENT_DATA')).toBeUndefined();
    expect(alarm('of-others', 'ALARM')).toBeUndefined();
  });
});

it.each([null, {}, 'text', { id: 1 }, event('aws.ec2', 'x', {}), event('aws.autoscaling', 'x', {})])(
  'ignores an event of unknown form: %j',
  (unknown) => {
    expect(occurrenceOf(unknown, settings)).toBeUndefined();
  },
);
