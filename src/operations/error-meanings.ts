/** An error's name or code, with an optional pattern for its message. */
export type Code = string | readonly [code: string, message: RegExp];

/** The meaning of a group of errors for the user. */
export interface Meaning {
  /** Names of AWS errors, and codes of system errors. */
  readonly codes: readonly Code[];
  /** Pattern for messages without a code, such as those of CloudFormation. */
  readonly words?: RegExp;
  /** Pattern for CloudFormation's reasons why a resource failed only, because other messages use the same words. */
  readonly reasons?: RegExp;
  readonly name: string;
  /** What happened, if the error's message says rather why. Default: that message. */
  readonly what?: string;
  /** Default: the error's message. */
  readonly why?: string;
  readonly now: string;
  readonly fault?: 'user';
}

const SKEWED = /Signature (expired|not yet current)/i;
const REFUSED = ['AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation', 'AuthorizationError'];
const FROM_ABOVE =
  /explicit deny in a (service|resource) control policy|explicit deny in a permissions boundary/i;
/** Two operations on one stack at the same time. */
const CHANGE_SET = /change ?set/i;
const NOT_IN_ZONE = /(requested )?instance type .*not supported in your requested Availability Zone/i;

/** Codes of system errors about a path, as the end of a sentence. */
export const PATH_PROBLEMS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'the operation is not permitted',
  EROFS: 'its file system is read-only',
  ENOENT: 'it does not exist, or its folder does not',
  ENOTDIR: 'a part of the path is not a folder',
  EISDIR: 'it is a folder',
  EEXIST: 'it exists already',
  ELOOP: 'it has too many symbolic links',
  ENAMETOOLONG: 'its name is too long',
};

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
    why: 'This machine’s clock differs from AWS’s by more than five minutes.',
    now: 'Set the clock ("timedatectl set-ntp true"), then run the same command again.',
    fault: 'user',
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
    why: 'The credentials are not valid, or the account has not enabled this region, which newer regions require.',
    now: 'Log in as for the AWS CLI ("aws configure", "aws sso login", or AWS_PROFILE), or enable the region in the account settings, then run the same command again.',
    fault: 'user',
  },
  {
    codes: ['ExpiredToken', 'ExpiredTokenException'],
    words: /ExpiredToken|security token .* expired|token included in the request is expired/i,
    name: 'CredentialsExpired',
    why: 'The AWS credentials have expired.',
    now: 'Log in again and run the same command: it continues from where it stopped.',
    fault: 'user',
  },
  {
    codes: REFUSED.map((code) => [code, FROM_ABOVE] as const),
    words: /explicit deny in a (service|resource) control policy|explicit deny in a permissions boundary/i,
    name: 'DeniedByPolicy',
    why: 'A policy of the account’s organization, or a permissions boundary of the credentials, denies this action.',
    now: 'Ask the administrator of that policy to allow the action in the message, or use another account or region.',
    fault: 'user',
  },
  {
    codes: ['OptInRequired', 'PendingVerification', 'SubscriptionRequiredException'],
    words:
      /OptInRequired|not subscribed|PendingVerification|account is currently blocked|does(n't| not) support creating load balancers|not eligible for Free Tier|being verified/i,
    name: 'AccountNotReady',
    why: 'AWS has not enabled this for the account yet; new and free-plan accounts need verification.',
    now: 'Complete the steps that the AWS console asks for (payment, verification, plan), or contact AWS Support; then run the same command again.',
    fault: 'user',
  },
  {
    codes: [],
    words:
      /Role \S+ is invalid or cannot be assumed|role .*(cannot be assumed|could not be assumed|does not exist|cannot be found)/i,
    name: 'RoleMissing',
    why: 'CloudFormation’s service role does not exist, or no longer trusts CloudFormation.',
    now: 'Run "convoke up", which creates the bootstrap stack’s roles again. After that, "convoke down" works too.',
  },
  {
    codes: REFUSED,
    words: /not authorized to perform|AccessDenied|UnauthorizedOperation/i,
    name: 'NotAllowed',
    why: 'The credentials, or CloudFormation’s service role, lack a permission.',
    now: 'Grant the permission in the message, then run the same command again.',
    fault: 'user',
  },
  {
    codes: [['Unsupported', NOT_IN_ZONE]],
    words: /(requested )?instance type .*not supported in your requested Availability Zone/i,
    name: 'TypeNotInZone',
    why: 'AWS does not offer this instance type in that availability zone.',
    now: 'Use another type in "machines" or "bridges.types"; "convoke check" shows which zones offer it.',
    fault: 'user',
  },
  {
    codes: ['InsufficientInstanceCapacity', 'InsufficientCapacity'],
    words: /InsufficientInstanceCapacity|do not have sufficient .* capacity|no Spot capacity available/i,
    name: 'NoCapacity',
    why: 'AWS currently has no capacity for this instance type in the availability zone.',
    now: 'Wait, or use another instance type in "machines", then run the same command again.',
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
    why: 'The account’s quota for this resource in the region is used up.',
    now: 'Request a quota increase (Service Quotas), or delete unused resources, then run the same command again.',
    fault: 'user',
  },
  {
    codes: [],
    words: /scheduled for deletion/i,
    name: 'SecretBeingDeleted',
    why: 'A secret of that name is scheduled for deletion, and Secrets Manager keeps it for some days.',
    now: 'Run "convoke down", which deletes it immediately, or choose another "name".',
  },
  {
    codes: [],
    words: /create resource record set .* but it already exists/i,
    name: 'DomainTaken',
    why: 'The hosted zone already has a record for the domain that points elsewhere.',
    now: 'Delete the record in Route 53 if it is no longer needed, or choose another domain; then run the same command again.',
    fault: 'user',
  },
  {
    codes: ['OperationInProgressException', 'OperationInProgress', ['AlreadyExistsException', CHANGE_SET]],
    words:
      /is in \w+_IN_PROGRESS state|cannot be (called|performed) .*IN_PROGRESS|OperationInProgress|change ?set \S+ already exists/i,
    name: 'StackBusy',
    why: 'Another operation on the same stack is in progress.',
    now: 'Run the same command again: it waits until that operation has ended, and continues.',
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
    words:
      /AlreadyOwnedByYou|AlreadyExists|ResourceExistenceCheck|Resource of type .* already exists|already exists in stack/i,
    reasons: /already exists|already in use/i,
    name: 'NameTaken',
    why: 'A resource of that name already exists, created by something else or left by an earlier attempt.',
    now: 'Run "convoke down" to delete what an earlier attempt left, or choose another "name", then run the same command again.',
    fault: 'user',
  },
  {
    codes: ['UnsupportedCertificate'],
    words:
      /UnsupportedCertificate|certificate .* must have a fully-qualified domain name|PENDING_VALIDATION|certificate .*(not (yet )?(issued|validated)|pending)/i,
    name: 'CertificatePending',
    why: 'The certificate is not issued, because AWS has not found its validation record in DNS.',
    now: 'Check that public DNS delegates to the hosted zone ("convoke check"), or that you added the records that were shown; then run the same command again.',
    fault: 'user',
  },
  {
    codes: [],
    words: /(rollback|cancel\w*) .*(requested|initiated) by user|User Initiated/i,
    name: 'Cancelled',
    why: 'The operation was cancelled in the CloudFormation console or by its API.',
    now: 'Run the same command again: it continues from the current state.',
  },
  {
    codes: [],
    words: /ROLLBACK_COMPLETE|ROLLBACK_FAILED|_FAILED state/i,
    name: 'StackStuck',
    why: 'An earlier attempt failed and left its stack behind.',
    now: 'Run "convoke up" to continue. If it fails with the same error, run "convoke down" first.',
  },
  {
    codes: ['Unknown 400', 'Unknown 403'],
    name: 'DeniedWithoutReason',
    why: 'S3 gives no reason when credentials have expired or lack a permission, or when the clock is wrong.',
    now: 'Log in again, run "convoke check", and run the same command: it continues from where it stopped.',
    fault: 'user',
  },
  {
    codes: ['DependencyViolation', 'ResourceInUse', 'ResourceInUseException', 'DeleteConflict'],
    words: /DependencyViolation|has (a )?dependen(t|cy|cies)|ResourceInUse|currently in use/i,
    name: 'StillUsed',
    why: 'Something else uses it, or AWS has not released it yet.',
    now: 'Wait some minutes and run the same command again. If it fails again, remove what uses it.',
  },
  {
    codes: [],
    words: /InvalidKMSKey|KMS key .* (incorrect state|is not accessible)/i,
    name: 'DiskKeyNotUsable',
    why: 'The account encrypts EBS volumes with its own KMS key, which Auto Scaling may not use, so instances terminate during launch.',
    now: 'Allow the role AWSServiceRoleForAutoScaling to use that key (key policy or grant), or make aws/ebs the default key again (EC2 console, Data protection and security); "convoke check" shows the key. Then run the same command again.',
    fault: 'user',
  },
  {
    codes: [],
    words: /did not stabilize|NotStabilized|timed out waiting|Exceeded attempts to wait/i,
    name: 'NotStabilised',
    why: 'The resource was created, but did not become stable within CloudFormation’s timeout.',
    now: 'Run the same command again. If it fails with the same error, "convoke status" and the machines’ system log show more.',
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
    why: 'The account exceeds AWS’s request rate, even after several retries.',
    now: 'Wait some minutes and run the same command again: it continues from where it stopped.',
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
    name: 'AwsUnavailable',
    why: 'An AWS service failed.',
    now: 'Check https://health.aws.amazon.com/health/status and run the same command again later.',
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
    what: 'AWS could not be reached.',
    now: 'Check the network and run the same command again: it continues from where it stopped.',
  },
  {
    codes: ['ENOSPC', 'EDQUOT'],
    name: 'DiskFull',
    why: 'There is no space left on this machine’s disk.',
    now: 'Free some space and run the same command again.',
    fault: 'user',
  },
  {
    codes: ['EADDRINUSE'],
    name: 'PortTaken',
    why: 'Another program on this machine uses that port.',
    now: 'Stop that program, or use other ports ("--ports" of "convoke rehearse"), then run the same command again.',
    fault: 'user',
  },
  {
    codes: Object.keys(PATH_PROBLEMS),
    name: 'FileNotUsable',
    why: 'A file or folder on this machine cannot be read or written.',
    now: 'Use another path, or correct its permissions, then run the same command again. CONVOKE_HOME sets the folder of convoke’s own data.',
    fault: 'user',
  },
];
