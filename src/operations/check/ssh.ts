import { DescribeKeyPairsCommand, EC2Client } from '@aws-sdk/client-ec2';
import type { Account } from '../../cloud/account.js';
import { client, ifThere } from '../../cloud/clients.js';
import type { Deployment } from '../../config/deployment.js';
import { type Finding, finding, fine, wrong } from './finding.js';

/** Whether the key pair for SSH exists. No finding if SSH is off. */
export async function ssh(account: Account, { ssh: opened, region }: Deployment): Promise<Finding[]> {
  if (!opened) return [];
  return finding(
    'ssh',
    () => hasKeyPair(account, opened.key),
    (there) => [
      there
        ? fine('ssh', `key pair ${opened.key}, from ${opened.from.map(({ name }) => name).join(', ')}`)
        : wrong(
            'ssh',
            `${region} has no key pair ${opened.key}`,
            'Create or import it there (EC2 console, Key Pairs), correct "ssh.key", or leave "ssh" out.',
          ),
    ],
  );
}

async function hasKeyPair(account: Account, name: string): Promise<boolean> {
  const answer = await ifThere(
    client(account, EC2Client).send(new DescribeKeyPairsCommand({ KeyNames: [name] })),
  );
  return Boolean(answer?.KeyPairs?.length);
}
