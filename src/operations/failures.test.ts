import { describe, expect, it } from 'vitest';
import { ConvokeError } from '../config/errors.js';
import { explain, explainFailure } from './failures.js';

const named = (name: string, message: string) => Object.assign(new Error(message), { name });

describe('what AWS and this machine say, as something to do', () => {
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
      'RefusedWithoutReason',
      2,
    ],
    [Object.assign(new Error('write'), { code: 'ENOSPC' }), 'DiskFull', 2],
    [Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' }), 'NoConnection', 1],
    [new TypeError('x is not a function'), 'Unexpected', 1],
    ['a bare string', 'Unexpected', 1],
  ])('%s', (error, name, exitCode) => {
    const explained = explain(error);
    expect({ name: explained.name, exitCode: explained.exitCode }).toEqual({ name, exitCode });
    expect(explained.now).not.toBe('');
  });

  it('passes on what is an explanation already', () => {
    const known = new ConvokeError('Known', { what: 'x', now: 'y' });
    expect(explain(known)).toBe(known);
  });
});

it('a failed deployment is told by its cause, not by what was cancelled because of it', () => {
  const events = [
    {
      LogicalResourceId: 'Other',
      ResourceType: 'AWS::EC2::VPC',
      ResourceStatusReason: 'Resource creation cancelled',
    },
    {
      LogicalResourceId: 'Vpc',
      ResourceType: 'AWS::EC2::VPC',
      ResourceStatusReason: 'The maximum number of VPCs has been reached.',
    },
  ];
  const explained = explainFailure(new Error('rollback'), events as never);
  expect(explained).toMatchObject({ name: 'QuotaReached', exitCode: 2 });
  expect(explained.message).toContain('Vpc');
});
