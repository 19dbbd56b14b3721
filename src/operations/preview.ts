import { fullDiff, ResourceImpact } from '@aws-cdk/cloudformation-diff';
import { CloudFormationClient, GetTemplateCommand } from '@aws-sdk/client-cloudformation';
import type { Account } from '../cloud/account.js';
import { client } from '../cloud/clients.js';
import { findStack } from '../cloud/stacks.js';
import type { Deployment } from '../config/deployment.js';
import { stackName, toolkitStackName } from '../stack/names.js';
import { architecturePicture } from './picture/picture.js';
import { type Template, templates } from './synthesis.js';

export interface Preview {
  /** What `up` would do, resource by resource; empty when it would change nothing. */
  readonly changes: readonly Change[];
  /** Whether the account was asked. Offline, everything counts as new. */
  readonly compared: boolean;
  readonly template: Template;
  /** The architecture, as an SVG document. */
  readonly picture: string;
}

export interface Change {
  readonly stack: string;
  readonly logicalId: string;
  /** CloudFormation's type, such as `AWS::EC2::VPC`. */
  readonly type: string;
  readonly action: 'create' | 'update' | 'replace' | 'may replace' | 'delete';
  /** Properties that differ; for updates and replacements. */
  readonly properties: readonly string[];
}

/** What `up` would change, compared with what is deployed; without an account, compared with nothing. Changes nothing. */
export async function preview(deployment: Deployment, account?: Account): Promise<Preview> {
  const { toolkit, deployment: template } = templates(deployment);
  const stacks = [
    { name: toolkitStackName(deployment.name), wanted: toolkit },
    { name: stackName(deployment.name), wanted: template },
  ];
  const changes = await Promise.all(
    stacks.map(async ({ name, wanted }) =>
      changesBetween(name, account ? await deployedTemplate(account, name) : { Resources: {} }, wanted),
    ),
  );
  return {
    changes: changes.flat(),
    compared: account !== undefined,
    template,
    picture: architecturePicture(deployment),
  };
}

async function deployedTemplate(account: Account, name: string): Promise<Template> {
  if (!(await findStack(account, name))) return { Resources: {} };
  const answer = await client(account, CloudFormationClient).send(
    new GetTemplateCommand({ StackName: name, TemplateStage: 'Original' }),
  );
  return JSON.parse(answer.TemplateBody ?? '{"Resources":{}}') as Template;
}

const ACTIONS: Partial<Record<ResourceImpact, Change['action']>> = {
  [ResourceImpact.WILL_CREATE]: 'create',
  [ResourceImpact.WILL_UPDATE]: 'update',
  [ResourceImpact.WILL_REPLACE]: 'replace',
  [ResourceImpact.MAY_REPLACE]: 'may replace',
  [ResourceImpact.WILL_DESTROY]: 'delete',
};

/** The differences of two templates, resource by resource, in the template's order. */
export function changesBetween(stack: string, current: Template, wanted: Template): Change[] {
  const changes: Change[] = [];
  fullDiff(current, wanted).resources.forEachDifference((logicalId, difference) => {
    const action = ACTIONS[difference.changeImpact];
    if (!action) return;
    changes.push({
      stack,
      logicalId,
      type: difference.newResourceType ?? difference.oldResourceType ?? '',
      action,
      properties: action === 'create' || action === 'delete' ? [] : Object.keys(difference.propertyUpdates),
    });
  });
  return changes;
}
