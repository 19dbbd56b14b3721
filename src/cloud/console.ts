import { EC2Client, GetConsoleOutputCommand } from '@aws-sdk/client-ec2';
import type { Account } from './account.js';
import { client, ifThere } from './clients.js';

/** The last 64 KB of an instance's console; empty if EC2 has none, or the instance is gone. */
export async function consoleOutput(account: Account, instance: string): Promise<string> {
  // Without `Latest`, EC2 returns what it has read shortly after the start. Nitro instances have both.
  const command = new GetConsoleOutputCommand({ InstanceId: instance, Latest: true });
  const answer = await ifThere(client(account, EC2Client).send(command));
  return Buffer.from(answer?.Output ?? '', 'base64').toString();
}
