import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BudgetsClient, DescribeBudgetsCommand } from '@aws-sdk/client-budgets';
import { CreateStackCommand, UpdateStackCommand } from '@aws-sdk/client-cloudformation';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import pWaitFor from 'p-wait-for';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { Account } from '../../src/cloud/account.js';
import { taggedCertificates } from '../../src/cloud/certificates.js';
import { findStack } from '../../src/cloud/stacks.js';
import type { Deployment } from '../../src/config/deployment.js';
import { parseDeployment } from '../../src/config/load.js';
import { ALERTS_ARCHIVE, assetsBucketName, bootstrapStackName, stackName } from '../../src/contract/names.js';
import { ZONE_PARAMETER } from '../../src/contract/template.js';
import { preview } from '../../src/operations/preview.js';
import { type Template, templates } from '../../src/operations/synthesize.js';
import { NODE_BUNDLE_FOLDER } from '../../src/stack/node-files.js';
import { EmulatedAccount } from './control-plane/account.js';

const file = (more: string, alerts = 'ops@example.org') =>
  parseDeployment(
    `name: meet\ndomain: meet.example.org\nregion: eu-central-1\nalerts: ${alerts}\n${more}`,
    'convoke.yaml',
  );
const WITH_BUDGET = file('budget: {monthly: 50}\n');

let emulated: EmulatedAccount;
let account: Account;
let zoneId: string;

/** Deploys both stacks as CDK does: as YAML. */
async function deploy(deployment: Deployment, how: 'create' | 'update'): Promise<void> {
  const made = templates(deployment);
  const { stacks } = emulated.clients();
  for (const [StackName, template, Parameters] of [
    [bootstrapStackName(deployment.name), made.bootstrap, []],
    [stackName(deployment.name), made.deployment, [{ ParameterKey: ZONE_PARAMETER, ParameterValue: zoneId }]],
  ] as const) {
    if (StackName === stackName(deployment.name)) await uploadCode(template);
    const input = {
      StackName,
      TemplateBody: stringify(template),
      Parameters: [...Parameters],
      Capabilities: ['CAPABILITY_NAMED_IAM' as const],
    };
    const asked =
      how === 'create'
        ? stacks.send(new CreateStackCommand(input))
        : stacks.send(new UpdateStackCommand(input));
    await asked.catch((error: Error) => {
      if (!/No updates/.test(error.message)) throw error;
    });
    await pWaitFor(
      async () => {
        const { StackStatus, StackStatusReason } = (await findStack(account, StackName)) ?? {};
        if (/FAILED|ROLLBACK/.test(StackStatus ?? '')) throw new Error(StackStatusReason);
        return /^(CREATE|UPDATE)_COMPLETE$/.test(StackStatus ?? '');
      },
      { interval: 100, timeout: 60_000 },
    );
  }
}

/** Uploads the code of functions, as CDK does. Other files are fetched by machines, which are simulated. */
async function uploadCode(template: Template): Promise<void> {
  const files = new S3Client({ ...emulated.config(), forcePathStyle: true });
  for (const { Type, Properties } of Object.values(template.Resources)) {
    if (Type !== 'AWS::Lambda::Function') continue;
    const { S3Key = '' } = (Properties?.Code ?? {}) as { S3Key?: string };
    await files.send(
      new PutObjectCommand({
        Bucket: assetsBucketName('meet', '000000000000', 'eu-central-1'),
        Key: S3Key,
        Body: readFileSync(join(NODE_BUNDLE_FOLDER, ALERTS_ARCHIVE)),
      }),
    );
  }
}

const budgets = async () => {
  const answer = await new BudgetsClient(emulated.config()).send(
    new DescribeBudgetsCommand({ AccountId: '000000000000' }),
  );
  return (answer.Budgets ?? []).map(({ BudgetName, BudgetLimit }) => ({
    name: BudgetName,
    limit: BudgetLimit?.Amount,
  }));
};

beforeAll(async () => {
  emulated = await EmulatedAccount.start({ settle: 0 });
  account = emulated.account();
  zoneId = await emulated.makeZone();
  await deploy(WITH_BUDGET, 'create');
}, 300_000);
afterAll(() => emulated?.stop());

describe('what is deployed', () => {
  it('mails before its certificate ends, at few enough days for somebody to read it', async () => {
    const [arn = ''] = await taggedCertificates(account, { deployment: 'meet', domain: 'meet.example.org' });
    const another = arn.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
    const expiring = [
      [arn, 31],
      [another, 30],
      [arn, 30],
    ];
    writeFileSync(join(emulated.run, 'faults.json'), JSON.stringify({ expiring }));
    const mails = () => emulated.mail().filter(({ body }) => body.includes('certificate'));
    await pWaitFor(() => mails().length > 0, { interval: 50, timeout: 20_000 });
    expect(mails().map(({ to }) => to)).toEqual(['ops@example.org']);
    expect(mails()[0]?.subject).toBe('meet.example.org: the certificate expires in 30 days');
    expect(mails()[0]?.body).toMatch(
      /The certificate of meet\.example\.org expires in 30 days\.[\s\S]*What you should do: AWS renews it automatically/,
    );
  });

  it('is what preview compares the file with: the same file changes nothing, and costs no more', async () => {
    const { changes, cost } = await preview(WITH_BUDGET, account);
    expect(changes).toEqual([]);
    expect(cost.difference).toBe(0);
  });

  it('is compared in money too, even where some prices are not known', async () => {
    const larger = file('budget: {monthly: 50}\nmachines: {shard: t4g.large}\n');
    const { changes, cost } = await preview(larger, account);
    expect(changes.map(({ type, action }) => [type, action])).toEqual([
      ['AWS::EC2::LaunchTemplate', 'update'],
    ]);
    expect(cost.wanted.unknown).not.toEqual([]);
    expect(cost.difference).toBeCloseTo(730 * 0.0384, 6);
  });

  it('keeps its budget when the limit changes, and a new one when its recipients change', async () => {
    const [first] = await budgets();
    expect(first?.limit).toBe('50');
    await deploy(file('budget: {monthly: 60}\n'), 'update');
    expect(await budgets()).toEqual([{ name: first?.name, limit: '60' }]);
    await deploy(file('budget: {monthly: 60}\n', 'team@example.org'), 'update');
    const after = await budgets();
    expect(after).toHaveLength(1);
    expect(after[0]?.name).not.toBe(first?.name);
  }, 120_000);
});
