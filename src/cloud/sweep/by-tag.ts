import { EC2Client } from '@aws-sdk/client-ec2';
import { DEPLOYMENT_TAG } from '../../contract/tags.js';
import type { Account } from '../account.js';
import { client } from '../clients.js';
import type { Kind, Target } from './kind.js';

/** The filter of EC2 and Auto Scaling for a deployment's tag. */
export const taggedFilter = (deployment: string) => ({ Name: `tag:${DEPLOYMENT_TAG}`, Values: [deployment] });

/** A kind of EC2 resource that has the deployment's tag. */
export function byTag(
  name: string,
  /** Ids of those that match the filter. */
  list: (ec2: EC2Client, filter: ReturnType<typeof taggedFilter>) => Promise<(string | undefined)[]>,
  remove: (ec2: EC2Client, id: string) => Promise<unknown>,
): Kind {
  return {
    name,
    async find(account: Account, { deployment }: Target) {
      const ids = await list(client(account, EC2Client), taggedFilter(deployment));
      return ids.filter((id) => id !== undefined);
    },
    async remove(account, id) {
      await remove(client(account, EC2Client), id);
    },
  };
}
