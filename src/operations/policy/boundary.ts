import { GetPolicyCommand, IAMClient } from '@aws-sdk/client-iam';
import type { Account } from '../../cloud/account.js';
import { client, ifThere } from '../../cloud/clients.js';
import { callerIdentity } from '../../cloud/identity.js';
import type { Deployment } from '../../config/deployment.js';
import { Arns } from '../../resources/arns.js';

/** ARN of the managed policy that limits a deployment's roles. */
export const boundaryArn = (deployment: Pick<Deployment, 'name' | 'region'>, accountId: string): string =>
  new Arns(deployment.name, { partition: 'aws', region: deployment.region, account: accountId }).boundary;

/** Whether an administrator has made a limit for the deployment's roles. */
export async function isBounded(
  account: Account,
  deployment: Pick<Deployment, 'name' | 'region'>,
): Promise<boolean> {
  const { account: number } = await callerIdentity(account);
  const answer = await ifThere(
    client(account, IAMClient).send(new GetPolicyCommand({ PolicyArn: boundaryArn(deployment, number) })),
  );
  return answer !== undefined;
}
