import { EC2Client, GetEbsDefaultKmsKeyIdCommand } from '@aws-sdk/client-ec2';
import type { Account } from '../../cloud/account.js';
import { client } from '../../cloud/clients.js';
import { type Finding, finding, fine, unknown } from './finding.js';

const SUBJECT = 'EBS encryption key';

/** Whether Auto Scaling can launch instances with the account's default key for EBS volumes. */
export function disks(account: Account): Promise<Finding[]> {
  return finding(
    SUBJECT,
    async () => (await client(account, EC2Client).send(new GetEbsDefaultKmsKeyIdCommand({}))).KmsKeyId,
    (key) => [judgeDiskKey(key)],
  );
}

/**
 * Every principal may use the AWS managed key for EBS. Who may use a customer managed key depends on its key policy.
 */
export function judgeDiskKey(key: string | undefined): Finding {
  if (!key || /(^|:)alias\/aws\/ebs$/.test(key)) return fine(SUBJECT, 'the AWS managed key for EBS');
  return unknown(
    SUBJECT,
    `the account encrypts EBS volumes with ${key} by default; whether Auto Scaling may use it depends on its key policy`,
    'If it is a customer managed key, allow the role AWSServiceRoleForAutoScaling to use it (key policy, or a grant with CreateGrant); otherwise instances terminate during launch.',
  );
}
