import { describe, expect, it } from 'vitest';
import { ConvokeError } from '../contract/errors.js';
import { explain, explainFailure } from './error-mapper.js';

const named = (name: string, message: string) => Object.assign(new Error(message), { name });

describe('errors of AWS and of this machine, as advice', () => {
  it.each([
    [named('RequestTimeTooSkewed', 'The difference is too large'), 'ClockWrong', 2],
    [named('InvalidSignatureException', 'Signature expired: 20260101T000000Z'), 'ClockWrong', 2],
    [
      named('ExpiredTokenException', 'The security token included in the request is expired'),
      'CredentialsExpired',
      2,
    ],
    [named('InvalidClientTokenId', 'The security token is invalid'), 'CredentialsWrong', 2],
    [named('AccessDenied', 'User is not authorized to perform: ec2:CreateVpc'), 'NotAllowed', 2],
    [named('Throttling', 'Rate exceeded'), 'Throttled', 1],
    [
      Object.assign(named('Unknown', 'UnknownError'), { $metadata: { httpStatusCode: 400 } }),
      'DeniedWithoutReason',
      2,
    ],
    [Object.assign(new Error('write'), { code: 'ENOSPC' }), 'DiskFull', 2],
    [Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' }), 'NoConnection', 1],
    [
      Object.assign(new Error('EDQUOT: disk quota exceeded, write'), { code: 'EDQUOT', syscall: 'write' }),
      'DiskFull',
      2,
    ],
    [
      Object.assign(new Error('listen EADDRINUSE: address already in use 127.0.0.1:4566'), {
        code: 'EADDRINUSE',
        syscall: 'listen',
      }),
      'PortTaken',
      2,
    ],
    // Codes that nobody has a sentence for are not guessed at by their words.
    [
      Object.assign(new Error('EMFILE: too many open files, limit or quota reached'), {
        code: 'EMFILE',
        syscall: 'open',
      }),
      'Unexpected',
      1,
    ],
    // Wrapped, with and without the error itself.
    [new Error('The upload failed', { cause: named('ExpiredToken', 'No.') }), 'CredentialsExpired', 2],
    [named('ToolkitError', 'Upload failed: EDQUOT: disk quota exceeded, write'), 'DiskFull', 2],
    [
      named('ServiceException', 'No (Service: Iam; Status Code: 403; Error Code: AccessDenied)'),
      'NotAllowed',
      2,
    ],
    [
      named('AccessDenied', 'x is not authorized with an explicit deny in a service control policy'),
      'DeniedByPolicy',
      2,
    ],
    [named('ValidationError', 'Stack:arn is in UPDATE_IN_PROGRESS state'), 'StackBusy', 1],
    // Other things than resources may exist already.
    [named('ToolkitError', 'EEXIST: file already exists, mkdir'), 'FileNotUsable', 2],
    [named('ToolkitError', 'The output directory already exists'), 'Unexpected', 1],
    [named('AlreadyExistsException', 'ChangeSet cdk-deploy already exists'), 'StackBusy', 1],
    [named('AlreadyExistsException', 'Role [x] already exists'), 'NameTaken', 2],
    [
      named('ToolkitError', "FAILED, Resource of type 'AWS::S3::Bucket' with identifier 'x' already exists."),
      'NameTaken',
      2,
    ],
    [new TypeError('x is not a function'), 'Unexpected', 1],
    ['a bare string', 'Unexpected', 1],
  ])('%s', (error, name, exitCode) => {
    const explained = explain(error);
    expect({ name: explained.name, exitCode: explained.exitCode }).toEqual({ name, exitCode });
    expect(explained.now).not.toBe('');
  });

  it('say what is wrong with a path, and keep the words of the system', () => {
    const error = Object.assign(new Error("ENOTDIR: not a directory, scandir '/x/y'"), {
      code: 'ENOTDIR',
      syscall: 'scandir',
      path: '/x/y',
    });
    expect(explain(error)).toMatchObject({
      message: '/x/y cannot be used: a part of the path is not a folder.',
      why: "ENOTDIR: not a directory, scandir '/x/y'.",
    });
  });

  it('passes on errors with an explanation', () => {
    const known = new ConvokeError('Known', { what: 'x', now: 'y' });
    expect(explain(known)).toBe(known);
  });
});

it('a failed deployment is explained by its cause, not by resources that were cancelled because of it', () => {
  const events = [
    {
      LogicalResourceId: 'Other',
      ResourceType: 'AWS::EC2::VPC',
      ResourceStatusReason: 'Resource creation cancelled',
    },
    {
      LogicalResourceId: 'JitsiNetworkVpc20730CF0',
      ResourceType: 'AWS::EC2::VPC',
      ResourceStatusReason: 'The maximum number of VPCs has been reached.',
    },
  ];
  const explained = explainFailure(new Error('rollback'), events as never);
  expect(explained).toMatchObject({ name: 'QuotaReached', exitCode: 2 });
  expect(explained.message).toContain('could not create or update the network (VPC) (AWS::EC2::VPC)');
});

describe('errors of CloudFormation for a resource, as advice', () => {
  it.each([
    [
      'Resource handler returned message: "You have requested more vCPU capacity than your current vCPU limit of 5 allows (VcpuLimitExceeded)"',
      'QuotaReached',
      2,
    ],
    ['The maximum number of VPCs has been reached. (Service: Ec2, Status Code: 400)', 'QuotaReached', 2],
    [
      'Group did not stabilize. {current/minimum/desired} group size = {0/1/1}. Failed Scaling Activity: We currently do not have sufficient t4g.medium capacity in the Availability Zone you requested (eu-central-1a).',
      'NoCapacity',
      1,
    ],
    [
      'Your requested instance type (c7g.large) is not supported in your requested Availability Zone (us-east-1e).',
      'TypeNotInZone',
      2,
    ],
    ['Group did not stabilize. {current/minimum/desired} group size = {0/1/1}.', 'NotStabilised', 1],
    [
      'Group did not stabilize. Failed Scaling Activity: Instance became unhealthy while waiting for instance to be in InService state. Termination Reason: Client.InvalidKMSKey.InvalidState: The KMS key provided is in an incorrect state',
      'DiskKeyNotUsable',
      2,
    ],
    [
      "The certificate 'arn:aws:acm:eu-central-1:1:certificate/x' must have a fully-qualified domain name, a supported signature, and a supported key size. (Service: ElasticLoadBalancingV2, Status Code: 400)",
      'CertificatePending',
      2,
    ],
    ['convoke-meet already exists in stack arn:aws:cloudformation:…', 'NameTaken', 2],
    [
      "[Tried to create resource record set [name='meet.example.org.', type='A'] but it already exists]",
      'DomainTaken',
      2,
    ],
    [
      'You can’t create this secret because a secret with this name is already scheduled for deletion.',
      'SecretBeingDeleted',
      1,
    ],
    [
      'Role arn:aws:iam::1:role/convoke-meet-execute-eu-central-1 is invalid or cannot be assumed',
      'RoleMissing',
      1,
    ],
    [
      'User: x is not authorized to perform: ec2:RunInstances with an explicit deny in a service control policy',
      'DeniedByPolicy',
      2,
    ],
    ['API: ec2:RunInstances You are not authorized to perform this operation.', 'NotAllowed', 2],
    ['This AWS account currently does not support creating load balancers.', 'AccountNotReady', 2],
    [
      'Your request for accessing resources in this region is being validated (PendingVerification)',
      'AccountNotReady',
      2,
    ],
    ['The security token included in the request is expired', 'CredentialsExpired', 2],
    ['Stack:arn:… is in UPDATE_IN_PROGRESS state and can not be updated.', 'StackBusy', 1],
    ['Stack:arn:… is in UPDATE_ROLLBACK_FAILED state and can not be updated.', 'StackStuck', 1],
    ['Resource update cancelled: Rollback requested by user', 'Cancelled', 1],
    ['resource sg-1 has a dependent object (Service: Ec2, Status Code: 400)', 'StillUsed', 1],
    ['Rate exceeded for operation CREATE', 'Throttled', 1],
    ['Request limit exceeded. (RequestLimitExceeded)', 'Throttled', 1],
  ])('%s', (said, name, exitCode) => {
    const explained = explainFailure(new Error(said), []);
    expect({ name: explained.name, exitCode: explained.exitCode }).toEqual({ name, exitCode });
    expect(explained.now).toMatch(/\.$/);
  });
});

describe('resources that a failure leaves behind', () => {
  it.each([
    ['UPDATE_ROLLBACK_COMPLETE', /meetings continue/],
    ['UPDATE_ROLLBACK_FAILED', /continues the rollback first/],
    ['ROLLBACK_COMPLETE', /starts again/],
    ['ROLLBACK_FAILED', /could not roll back the creation completely/],
  ] as const)('%s: reported with the cause', (state, said) => {
    expect(explainFailure(new Error('Rate exceeded'), [], state).why).toMatch(said);
  });
});
