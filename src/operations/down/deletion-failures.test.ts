import { describe, expect, it } from 'vitest';
import { describeDeletionFailures, explainDeletionFailures } from './deletion-failures.js';

const event = (ResourceType: string, ResourceStatusReason: string, PhysicalResourceId = 'x') => ({
  ResourceType: `AWS::${ResourceType}`,
  ResourceStatusReason,
  PhysicalResourceId,
  LogicalResourceId: 'Thing',
  StackId: '',
  EventId: '',
  StackName: '',
  Timestamp: new Date(0),
});

/** What AWS's services say, as CloudFormation passes it on. */
describe('explanations of resources that CloudFormation could not delete', () => {
  it.each([
    [
      'S3::Bucket',
      'The bucket you tried to delete is not empty (Service: S3, Status Code: 409, Request ID: X)',
      /it is not empty/,
    ],
    [
      'EC2::SecurityGroup',
      'resource sg-0a has a dependent object (Service: Ec2, Status Code: 400, Request ID: x)',
      /something else still uses it/,
    ],
    ['EC2::Subnet', "The subnet 'subnet-0a' has dependencies and cannot be deleted.", /network interface/],
    [
      'EC2::VPCGatewayAttachment',
      'Network vpc-0a has some mapped public address(es). Please unmap those public address(es) before detaching the gateway.',
      /public address/,
    ],
    [
      'AutoScaling::AutoScalingGroup',
      'Group did not stabilize: i-0a of convoke-meet-shard-a did not end.',
      /lifecycle hook/,
    ],
    [
      'IAM::Role',
      'Cannot delete entity, must detach all policies first. (Service: Iam, Status Code: 409)',
      /still attached to a policy/,
    ],
    [
      'IAM::Role',
      'Cannot delete entity, must remove roles from instance profile first. (Service: Iam, Status Code: 409)',
      /instance profile/,
    ],
    [
      'CertificateManager::Certificate',
      'Certificate arn:aws:acm:eu-central-1:1:certificate/x in account 1 is in use. (Service: Acm)',
      /did not create uses it|still uses it/,
    ],
    [
      'IAM::Role',
      'User: arn:aws:sts::1:assumed-role/x is not authorized to perform: iam:DeleteRole',
      /lacks the permission/,
    ],
    ['SNS::Topic', 'Rate exceeded (Service: Sns, Status Code: 400)', /request rate/],
    ['SNS::Topic', 'Something new.', /^Something new\.$/],
    ['SNS::Topic', '', /gave no reason/],
  ])('%s: %s', (type, reason, why) => {
    const stuck = explainDeletionFailures(event(type, reason));
    expect(stuck.what).toBe(`${type} x`);
    expect(stuck.why).toMatch(why);
    expect(stuck.now).toMatch(/\.$/);
  });

  it('contain each advice once', () => {
    const said = describeDeletionFailures(
      ['sg-1', 'sg-2'].map((id) =>
        explainDeletionFailures(event('EC2::SecurityGroup', 'has a dependent object', id)),
      ),
    );
    expect(said.why).toMatch(/sg-1: .*; EC2::SecurityGroup sg-2: /);
    expect(said.now.match(/convoke did not create/g)).toHaveLength(1);
  });
});
