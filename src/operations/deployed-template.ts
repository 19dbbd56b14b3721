import { CloudFormationClient, GetTemplateCommand } from '@aws-sdk/client-cloudformation';
import { parse } from 'yaml';
import type { Account } from '../cloud/account.js';
import { client, ifThere } from '../cloud/clients.js';
import type { Template } from './synthesize.js';

/** The template that a stack was deployed with last; undefined if there is no such stack. */
export async function deployedTemplate(account: Account, name: string): Promise<Template | undefined> {
  const answer = await ifThere(
    client(account, CloudFormationClient).send(
      new GetTemplateCommand({ StackName: name, TemplateStage: 'Original' }),
    ),
  );
  if (!answer) return undefined;
  return parsed(answer.TemplateBody ?? '{"Resources":{}}');
}

/** CDK deploys large templates as JSON, and small ones as YAML, which takes a hundred times as long to parse. */
const parsed = (text: string): Template =>
  (text.startsWith('{') ? JSON.parse(text) : parse(text)) as Template;
