import { EC2Client, GetEbsDefaultKmsKeyIdCommand } from '@aws-sdk/client-ec2';
import type { Account } from '../../cloud/account.js';
import { client } from '../../cloud/clients.js';
import { type Finding, finding, fine, unknown } from './finding.js';

const SUBJECT = 'key of disks';

/** Whether Auto Scaling can start machines with the key that the account encrypts disks with. */
export function disks(account: Account): Promise<Finding[]> {
  return finding(
    SUBJECT,
    async () => (await client(account, EC2Client).send(new GetEbsDefaultKmsKeyIdCommand({}))).KmsKeyId,
    (key) => [judgeDiskKey(key)],
  );
}

/** Everybody may use the key that AWS keeps for disks. One of the account's own says itself who may. */
export function judgeDiskKey(key: string | undefined): Finding {
  if (!key || /(^|:)alias\/aws\/ebs$/.test(key)) return fine(SUBJECT, 'AWS’s own for disks');
  return unknown(
    SUBJECT,
    `the account encrypts disks with ${key} unless told otherwise; whether Auto Scaling may use it only the key says`,
    'If it is a key of your own, let the role AWSServiceRoleForAutoScaling use it (its key policy, or a grant with CreateGrant), or machines end while they are launched.',
  );
}
