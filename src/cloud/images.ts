import { DescribeImagesCommand, EC2Client } from '@aws-sdk/client-ec2';
import type { Account } from './account.js';
import { client, ifThere } from './clients.js';

/** When each machine image was created; images that no longer exist are left out. */
export async function imageDates(account: Account, ids: readonly string[]): Promise<Map<string, Date>> {
  if (ids.length === 0) return new Map();
  const answer = await ifThere(
    client(account, EC2Client).send(
      new DescribeImagesCommand({ Filters: [{ Name: 'image-id', Values: [...ids] }] }),
    ),
  );
  return new Map(
    (answer?.Images ?? []).flatMap(({ ImageId, CreationDate }) =>
      ImageId && CreationDate ? [[ImageId, new Date(CreationDate)]] : [],
    ),
  );
}
