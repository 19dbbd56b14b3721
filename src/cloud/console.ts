import { EC2Client, GetConsoleOutputCommand } from '@aws-sdk/client-ec2';
import type { Account } from './account.js';
import { client, ifThere } from './clients.js';

/** The last 64 KB of an instance's console; empty if EC2 has none, or the instance is gone. */
export async function consoleOutput(account: Account, instance: string): Promise<string> {
  const ec2 = client(account, EC2Client);
  const read = (Latest: boolean) =>
    ifThere(ec2.send(new GetConsoleOutputCommand({ InstanceId: instance, Latest })));
  const answer = await read(true).catch((error: unknown) => {
    // Types without the Nitro hypervisor, such as t2, have only what EC2 stored shortly after the start.
    if (error instanceof Error && error.name === 'UnsupportedOperation') return read(false);
    throw error;
  });
  return Buffer.from(answer?.Output ?? '', 'base64').toString();
}
