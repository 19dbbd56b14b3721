import { CloudFormationClient, DeleteStackCommand } from '@aws-sdk/client-cloudformation';
import { bootstrapStackName, stackName } from '../../contract/names.js';
import { client } from '../clients.js';
import { findStack } from '../stacks.js';
import type { Kind } from './kind.js';

export const stacks: Kind = {
  name: 'stacks',
  async find(account, { deployment }) {
    // By name, so that no permissions for other stacks are needed.
    const names = [stackName(deployment), bootstrapStackName(deployment)];
    const found = await Promise.all(names.map((name) => findStack(account, name)));
    return found.map((stack) => stack?.StackName ?? '').filter(Boolean);
  },
  async remove(account, id, { deployment }) {
    // CloudFormation deletes the deployment's stack with a role of the bootstrap stack.
    if (id !== stackName(deployment) && (await findStack(account, stackName(deployment))))
      throw new Error(`${stackName(deployment)} has to be deleted first`);
    await client(account, CloudFormationClient).send(new DeleteStackCommand({ StackName: id }));
  },
};
