/** An error's name or code; with a pattern, only where its message fits too. */
export type Code = string | readonly [code: string, message: RegExp];

/** What something that went wrong means to a person. */
export interface Meaning {
  /** Names of AWS's errors, and codes of this machine's. */
  readonly codes: readonly Code[];
  /** What CloudFormation says, which often has no code, and what others say without one. */
  readonly words?: RegExp;
  readonly name: string;
  readonly why: string;
  readonly now: string;
  readonly fault?: 'person';
}

const SKEWED = /Signature (expired|not yet current)/i;
const REFUSED = ['AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation', 'AuthorizationError'];
const FROM_ABOVE =
  /explicit deny in a (service|resource) control policy|explicit deny in a permissions boundary/i;
const NOT_IN_ZONE = /(requested )?instance type .*not supported in your requested Availability Zone/i;

/** First match wins. */
export const MEANINGS: readonly Meaning[] = [
  {
    codes: [
      'RequestTimeTooSkewed',
      'RequestExpired',
      ['InvalidSignatureException', SKEWED],
      ['SignatureDoesNotMatch', SKEWED],
    ],
    words: /RequestTimeTooSkewed|RequestExpired|Signature (expired|not yet current)/i,
    name: 'ClockWrong',
    why: 'This machine’s clock and AWS’s differ by more than the five minutes that AWS allows.',
    now: 'Set the clock ("timedatectl set-ntp true"), then run the same command again.',
    fault: 'person',
  },
  {
    codes: [
      'InvalidClientTokenId',
      'InvalidAccessKeyId',
      'UnrecognizedClientException',
      'SignatureDoesNotMatch',
      'InvalidSignatureException',
      'AuthFailure',
    ],
    words:
      /InvalidClientTokenId|UnrecognizedClient|InvalidAccessKeyId|SignatureDoesNotMatch|InvalidSignature|AuthFailure/i,
    name: 'CredentialsWrong',
    why: 'AWS does not know these credentials, or the account has not enabled this region, as newer ones have to be.',
    now: 'Log in as for the AWS CLI ("aws configure", "aws sso login", or AWS_PROFILE), or enable the region in the account’s settings, then run the same command again.',
    fault: 'person',
  },
  {
    codes: ['ExpiredToken', 'ExpiredTokenException'],
    words: /ExpiredToken|security token .* expired|token included in the request is expired/i,
    name: 'CredentialsExpired',
    why: 'The AWS credentials expired on the way.',
    now: 'Log in again and run the same command: it goes on from where it was.',
    fault: 'person',
  },
  {
    codes: REFUSED.map((code) => [code, FROM_ABOVE] as const),
    words: /explicit deny in a (service|resource) control policy|explicit deny in a permissions boundary/i,
    name: 'ForbiddenAbove',
    why: 'The organisation that the account belongs to, or a boundary of the credentials, forbids this whatever rights are given.',
    now: 'Ask whoever keeps that policy to allow what the message names, or choose another account or region.',
    fault: 'person',
  },
  {
    codes: ['OptInRequired', 'PendingVerification', 'SubscriptionRequiredException'],
    words:
      /OptInRequired|not subscribed|PendingVerification|account is currently blocked|does(n't| not) support creating load balancers|not eligible for Free Tier|being verified/i,
    name: 'AccountNotReady',
    why: 'AWS does not yet let this account have that: new accounts, and those on a free plan, are looked at first.',
    now: 'Finish what the AWS console asks for (payment, verification, plan), or ask AWS Support; then run the same command again.',
    fault: 'person',
  },
  {
    codes: [],
    words:
      /Role \S+ is invalid or cannot be assumed|role .*(cannot be assumed|could not be assumed|does not exist|cannot be found)/i,
    name: 'RoleMissing',
    why: 'The role that CloudFormation works with is not there, or does not trust it any more.',
    now: 'Run "convoke up": it makes the bootstrap stack’s roles anew. "convoke down" goes after that.',
  },
  {
    codes: REFUSED,
    words: /not authorized to perform|AccessDenied|UnauthorizedOperation/i,
    name: 'NotAllowed',
    why: 'The credentials, or the role made for CloudFormation, lack a right.',
    now: 'Give the right that the message names, then run the same command again.',
    fault: 'person',
  },
  {
    codes: [['Unsupported', NOT_IN_ZONE]],
    words: /(requested )?instance type .*not supported in your requested Availability Zone/i,
    name: 'TypeNotInZone',
    why: 'AWS has no machines of this type in that zone at all.',
    now: 'Name another type under "machines" or "bridges.types"; "convoke check" says what is offered where.',
    fault: 'person',
  },
  {
    codes: ['InsufficientInstanceCapacity', 'InsufficientCapacity'],
    words: /InsufficientInstanceCapacity|do not have sufficient .* capacity|no Spot capacity available/i,
    name: 'NoCapacity',
    why: 'AWS has no free machine of this type in the zone at the moment.',
    now: 'Wait a while, or name another instance type under "machines", then run the same command again.',
  },
  {
    codes: [
      'LimitExceeded',
      'LimitExceededException',
      'VcpuLimitExceeded',
      'VpcLimitExceeded',
      'InstanceLimitExceeded',
      'MaxSpotInstanceCountExceeded',
      'TooManyLoadBalancers',
      'TooManyTargetGroups',
      'TooManyBuckets',
      'ServiceQuotaExceededException',
    ],
    words:
      /(?<!Request)LimitExceeded|quota|maximum number of .* has been reached|Max spot instance count exceeded|more than .* allowed for this account/i,
    name: 'QuotaReached',
    why: 'The account may not have more of this in the region.',
    now: 'Ask AWS for a higher quota (Service Quotas), or remove what is not used, then run the same command again.',
    fault: 'person',
  },
  {
    codes: [],
    words: /scheduled for deletion/i,
    name: 'SecretGoing',
    why: 'A secret of that name was deleted, and Secrets Manager keeps it for some days more.',
    now: 'Run "convoke down", which ends that at once, or choose another "name".',
  },
  {
    codes: [],
    words: /create resource record set .* but it already exists/i,
    name: 'DomainTaken',
    why: 'The zone has a record for the domain already, which leads elsewhere.',
    now: 'Remove it in Route 53 when what it leads to is no longer needed, or choose another domain; then run the same command again.',
    fault: 'person',
  },
  {
    codes: [
      'AlreadyExists',
      'AlreadyExistsException',
      'EntityAlreadyExists',
      'BucketAlreadyExists',
      'BucketAlreadyOwnedByYou',
      'ResourceExistsException',
    ],
    words: /already exists|AlreadyOwnedByYou|already in use|AlreadyExists/i,
    name: 'NameTaken',
    why: 'Something of that name is there already, made by something else or left by an earlier attempt.',
    now: 'Run "convoke down" for what an earlier attempt left, or choose another "name", then run the same command again.',
    fault: 'person',
  },
  {
    codes: ['UnsupportedCertificate'],
    words:
      /UnsupportedCertificate|certificate .* must have a fully-qualified domain name|PENDING_VALIDATION|certificate .*(not (yet )?(issued|validated)|pending)/i,
    name: 'CertificatePending',
    why: 'The certificate is not issued: AWS has not found the proof of the domain in DNS.',
    now: 'See that public DNS leads to the zone ("convoke check"), or that the record you were shown is there; then run the same command again.',
    fault: 'person',
  },
  {
    codes: ['OperationInProgressException', 'OperationInProgress'],
    words: /is in \w+_IN_PROGRESS state|cannot be (called|performed) .*IN_PROGRESS|OperationInProgress/i,
    name: 'StackBusy',
    why: 'Somebody else, or an earlier command, has CloudFormation at work on the same stack.',
    now: 'Run the same command again: it waits until that has ended, and goes on from there.',
  },
  {
    codes: [],
    words: /(rollback|cancel\w*) .*(requested|initiated) by user|User Initiated/i,
    name: 'TakenBack',
    why: 'Somebody ended it in the CloudFormation console or by its API.',
    now: 'Run the same command again: it goes on from what that left.',
  },
  {
    codes: [],
    words: /ROLLBACK_COMPLETE|ROLLBACK_FAILED|_FAILED state/i,
    name: 'StackStuck',
    why: 'An earlier attempt failed and left its stack behind.',
    now: 'Run "convoke up": it goes on from there. If that ends here again, run "convoke down" first.',
  },
  {
    codes: ['Unknown 400', 'Unknown 403'],
    name: 'RefusedWithoutReason',
    why: 'S3 answers a question about a bucket without words when credentials have expired, lack a right, or the clock is wrong.',
    now: 'Log in again, look at "convoke check", and run the same command: it goes on from where it was.',
    fault: 'person',
  },
  {
    codes: ['DependencyViolation', 'ResourceInUse', 'ResourceInUseException', 'DeleteConflict'],
    words: /DependencyViolation|has (a )?dependen(t|cy|cies)|ResourceInUse|currently in use/i,
    name: 'StillUsed',
    why: 'Something else uses it, or AWS has not let go of it yet.',
    now: 'Wait some minutes and run the same command again; if it stays, remove what uses it.',
  },
  {
    codes: [],
    words: /InvalidKMSKey|KMS key .* (incorrect state|is not accessible)/i,
    name: 'DiskKeyNotUsable',
    why: 'The account encrypts disks with a key of its own, which Auto Scaling may not use: machines end while they are launched.',
    now: 'Let the role AWSServiceRoleForAutoScaling use that key (its key policy, or a grant), or make aws/ebs the default key again (EC2 console, Data protection and security); "convoke check" says which key it is. Then run the same command again.',
    fault: 'person',
  },
  {
    codes: [],
    words: /did not stabilize|NotStabilized|timed out waiting|Exceeded attempts to wait/i,
    name: 'NotStabilised',
    why: 'It was made, but did not come to work within the time that CloudFormation gives it.',
    now: 'Run the same command again; if it ends here again, "convoke status" and the console output of the machines say more.',
  },
  {
    codes: [
      'Throttling',
      'ThrottlingException',
      'ThrottledException',
      'TooManyRequestsException',
      'RequestLimitExceeded',
      'SlowDown',
      'PriorRequestNotComplete',
    ],
    words: /Throttl|Rate exceeded|TooManyRequests|RequestLimitExceeded|SlowDown/i,
    name: 'Throttled',
    why: 'The account makes more calls than AWS allows at a time; convoke waited and tried again, to no avail.',
    now: 'Wait some minutes and run the same command again: it goes on from where it was.',
  },
  {
    codes: [
      'InternalFailure',
      'InternalError',
      'InternalServerError',
      'InternalServiceError',
      'InternalServerException',
      'ServiceUnavailable',
      'ServiceUnavailableException',
      'ServiceFailure',
    ],
    words: /InternalFailure|InternalError|ServiceUnavailable|InternalServer/i,
    name: 'AwsTrouble',
    why: 'A service of AWS failed by itself.',
    now: 'Look at https://health.aws.amazon.com/health/status and run the same command again later.',
  },
  {
    codes: [
      'ECONNREFUSED',
      'ENOTFOUND',
      'EAI_AGAIN',
      'ETIMEDOUT',
      'ECONNRESET',
      'ENETUNREACH',
      'EHOSTUNREACH',
      'EPIPE',
    ],
    words: /socket hang up/i,
    name: 'NoConnection',
    why: 'AWS could not be reached.',
    now: 'Check the network and run the same command again: it goes on from where it was.',
  },
  {
    codes: ['ENOSPC', 'EDQUOT'],
    name: 'DiskFull',
    why: 'There is no space left on this machine’s disk.',
    now: 'Make room and run the same command again.',
    fault: 'person',
  },
  {
    codes: ['EADDRINUSE'],
    name: 'PortTaken',
    why: 'Another program of this machine uses that port.',
    now: 'End that program, or name other ports ("--ports" of "convoke rehearse"), then run the same command again.',
    fault: 'person',
  },
  {
    codes: ['EACCES', 'EPERM', 'EROFS', 'ENOENT', 'ENOTDIR', 'EISDIR'],
    name: 'FileNotUsable',
    why: 'A file or folder on this machine cannot be read or written.',
    now: 'Name another place, or mend its permissions, then run the same command again.',
    fault: 'person',
  },
];
