import { CloudFormationClient, GetTemplateCommand } from '@aws-sdk/client-cloudformation';
import { parse } from 'yaml';
import type { Account } from '../cloud/account.js';
import { client } from '../cloud/clients.js';
import { findStack } from '../cloud/stacks.js';
import type { Template } from './synthesize.js';

/** The template that a stack was deployed with last. Undefined where there is no such stack. */
export async function deployedTemplate(account: Account, name: string): Promise<Template | undefined> {
  if (!(await findStack(account, name))) return undefined;
  const answer = await client(account, CloudFormationClient).send(
    new GetTemplateCommand({ StackName: name, TemplateStage: 'Original' }),
  );
  // As it was uploaded: CDK deploys small templates as YAML, of which JSON is a part.
  return parse(answer.TemplateBody ?? '{"Resources":{}}') as Template;
}
