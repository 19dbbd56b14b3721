import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateStackCommand, type CreateStackCommandInput } from '@aws-sdk/client-cloudformation';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { execa } from 'execa';
import pWaitFor from 'p-wait-for';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Account } from '../../src/cloud/account.js';
import { findStack } from '../../src/cloud/stacks.js';
import { parseDeployment } from '../../src/config/load.js';
import { assetsBucketName, bootstrapStackName, roleName, stackName } from '../../src/contract/names.js';
import { ZONE_PARAMETER } from '../../src/contract/template.js';
import { down } from '../../src/operations/down/down.js';
import { eject } from '../../src/operations/eject/eject.js';
import { preview } from '../../src/operations/preview.js';
import { templates } from '../../src/operations/synthesize.js';
import { EmulatedAccount } from './control-plane/account.js';

const ACCOUNT = '000000000000';
const desk = mkdtempSync(join(tmpdir(), 'convoke-ejected-'));
writeFileSync(join(desk, 'town.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
const deployment = parseDeployment(
  'name: meet\ndomain: meet.example.org\nregion: eu-central-1\nalerts: ops@example.org\nsize: team\nmeetings: {logo: town.svg}\n',
  join(desk, 'convoke.yaml'),
);
const stacks = [stackName(deployment.name), bootstrapStackName(deployment.name)] as const;

const folder = join(desk, 'ours');
const file = (name: string) => readFileSync(join(folder, name), 'utf8');

beforeAll(() => eject(deployment, folder));
afterAll(() => rmSync(desk, { recursive: true, force: true }));

describe('the folder that eject writes', () => {
  it('must not exist', async () => {
    const before = readdirSync(folder, { recursive: true }).sort();
    await expect(eject(deployment, folder)).rejects.toMatchObject({ name: 'FolderNotEmpty', exitCode: 2 });
    expect(readdirSync(folder, { recursive: true }).sort()).toEqual(before);
  });

  it('references neither convoke’s package nor the machine that wrote it', () => {
    const { dependencies, devDependencies } = JSON.parse(file('package.json'));
    expect(Object.keys({ ...dependencies, ...devDependencies }).sort()).toEqual([
      'aws-cdk',
      'aws-cdk-lib',
      'constructs',
      'zod',
    ]);
    const texts = (readdirSync(folder, { recursive: true }) as string[])
      .filter((name) => /\.(js|json|md)$|^app\.mjs$/.test(name))
      .map(file);
    for (const text of texts) {
      expect(text).not.toMatch(/from 'convoke|sourceMappingURL/);
      expect(text).not.toContain(process.cwd());
      expect(text).not.toContain(desk);
    }
  });

  it('imports only packages of its package.json', () => {
    const { dependencies } = JSON.parse(file('package.json'));
    const imported = (readdirSync(join(folder, 'lib'), { recursive: true }) as string[])
      .filter((name) => name.endsWith('.js'))
      .flatMap((name) =>
        [...file(join('lib', name)).matchAll(/from '([^'.][^']*)'/g)].map(([, from = '']) => from),
      )
      .filter((from) => !from.startsWith('node:'))
      .map((from) =>
        from
          .split('/')
          .slice(0, from.startsWith('@') ? 2 : 1)
          .join('/'),
      );
    expect(Object.keys(dependencies)).toEqual(expect.arrayContaining([...new Set(imported)]));
  });

  it('contains a CDK app that synthesizes convoke’s templates', async () => {
    // The packages that "npm install" would install.
    symlinkSync(join(process.cwd(), 'node_modules'), join(folder, 'node_modules'));
    await execa('node', ['app.mjs'], { cwd: folder, env: { CDK_OUTDIR: 'cdk.out' } });
    const wanted = templates(deployment);
    for (const [stack, template, written] of [
      [stacks[0], wanted.deployment, 'deployment'],
      [stacks[1], wanted.bootstrap, 'bootstrap'],
    ] as const) {
      for (const made of [file(`cdk.out/${stack}.template.json`), file(`templates/${written}.json`)])
        expect(JSON.parse(made)).toEqual(template);
    }
  });
});

describe('the templates, deployed without convoke', () => {
  let emulated: EmulatedAccount;
  let account: Account;

  const create = async (input: Omit<CreateStackCommandInput, 'Capabilities'>) => {
    const asked = new CreateStackCommand({ ...input, Capabilities: ['CAPABILITY_NAMED_IAM'] });
    await emulated.clients().stacks.send(asked);
    await pWaitFor(
      async () => {
        const { StackStatus, StackStatusReason } = (await findStack(account, input.StackName ?? '')) ?? {};
        if (/FAILED|ROLLBACK/.test(StackStatus ?? '')) throw new Error(StackStatusReason);
        return StackStatus === 'CREATE_COMPLETE';
      },
      { interval: 100, timeout: 60_000 },
    );
  };

  beforeAll(async () => {
    emulated = await EmulatedAccount.start({ settle: 0 });
    account = emulated.account();
  }, 300_000);
  afterAll(() => emulated?.stop());

  it('are the same deployment as convoke’s, and convoke can delete it', async () => {
    const zone = await emulated.makeZone();
    await create({ StackName: stacks[1], TemplateBody: file('templates/bootstrap.json') });
    const s3 = new S3Client({ ...emulated.config(), forcePathStyle: true });
    const Bucket = assetsBucketName(deployment.name, ACCOUNT, deployment.region);
    const files = readdirSync(join(folder, 'templates/files'));
    expect(files.map((name) => name.split('.').pop()).sort()).toEqual(['mjs', 'mjs', 'svg', 'zip']);
    const upload = (Key: string, name: string) =>
      s3.send(new PutObjectCommand({ Bucket, Key, Body: readFileSync(join(folder, 'templates', name)) }));
    for (const name of files) await upload(name, `files/${name}`);
    // A template of more than 51,200 bytes is fetched from the bucket.
    await upload('deployment.json', 'deployment.json');
    await create({
      StackName: stacks[0],
      TemplateURL: `${emulated.emulator.endpoint}/${Bucket}/deployment.json`,
      RoleARN: `arn:aws:iam::${ACCOUNT}:role/${roleName(deployment.name, 'execute', deployment.region)}`,
      Parameters: [{ ParameterKey: ZONE_PARAMETER, ParameterValue: zone }],
    });
    expect((await preview(deployment, account)).changes).toEqual([]);
    expect(await down({ account, deployment, onProgress: () => {}, when: 'now' })).toMatchObject({
      existed: true,
      leftovers: [],
    });
  }, 120_000);
});
