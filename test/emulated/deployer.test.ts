import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ACMClient, RequestCertificateCommand } from '@aws-sdk/client-acm';
import {
  CreateSecurityGroupCommand,
  CreateVpcEndpointCommand,
  DescribeVpcsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import {
  AddRoleToInstanceProfileCommand,
  CreateInstanceProfileCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteUserPolicyCommand,
  DetachUserPolicyCommand,
  GetRoleCommand,
  GetUserCommand,
  IAMClient,
  ListRolesCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { AssumeRoleCommand, type AssumeRoleCommandOutput, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Account } from '../../src/cloud/account.js';
import { untilAssumable } from '../../src/cloud/assumable.js';
import { consoleOutput } from '../../src/cloud/console.js';
import { cutPower, leaveGroup } from '../../src/cloud/faults.js';
import { findStack } from '../../src/cloud/stacks.js';
import { sweep } from '../../src/cloud/sweep/sweep.js';
import type { Deployment } from '../../src/config/deployment.js';
import { parseDeployment } from '../../src/config/load.js';
import { bootstrapStackName, loginName, roleName } from '../../src/contract/names.js';
import { readClientSecret } from '../../src/node/secrets.js';
import { check, exitCode } from '../../src/operations/check/check.js';
import { down } from '../../src/operations/down/down.js';
import { lastLines } from '../../src/operations/last-lines.js';
import { setLoginSecret } from '../../src/operations/login.js';
import { logs } from '../../src/operations/logs.js';
import { type Applied, apply } from '../../src/operations/policy/apply.js';
import { type PolicyDocument, policies } from '../../src/operations/policy/document.js';
import {
  boundaryDocument,
  type CallerContext,
  callerContext,
  deployerPolicies,
} from '../../src/operations/policy/policy.js';
import { revoke } from '../../src/operations/policy/revoke.js';
import { NEVER_REFUSED, rights } from '../../src/operations/policy/rights.js';
import { preview } from '../../src/operations/preview.js';
import { report } from '../../src/operations/report/report.js';
import { tokenKey } from '../../src/operations/seed.js';
import { status } from '../../src/operations/status.js';
import { up } from '../../src/operations/up.js';
import { buildFakes } from '../../src/rehearsal/fakes/build.js';
import { allows, callsOfRole, listedCalls, needlessStatements, policiesOfRole } from '../iam.js';
import { EmulatedAccount } from './control-plane/account.js';
import { ImageBuilders } from './image-builders.js';

const FILE = 'domain: meet.example.org\nregion: eu-central-1\nalerts: ops@example.org\nname: meet\n';

const folder = mkdtempSync(join(tmpdir(), 'convoke-releases-'));
await buildFakes(folder, { version: '0.1~fake' });

describe('a deployer with the rights that "policy" prints', () => {
  const deployment: Deployment = parseDeployment(
    `${FILE}size: team\naccess: hosts\nlogin: {issuer: https://id.example.org, client: x, allow: everyone}\nbudget: {monthly: 50}\nimage: baked\npackages: {directory: ${folder}}\n`,
    'a file of the test',
  );
  const onProgress = () => {};
  let emulated: EmulatedAccount;
  let builders: ImageBuilders;
  let root: Account;
  let deployer: Account;
  let applied: Applied;
  let where: CallerContext;

  const as = (credentials: { accessKeyId: string; secretAccessKey: string }): Account => ({
    ...root,
    credentials: async () => credentials,
  });
  const applyNow = () =>
    apply({
      account: root,
      accountId: where.account,
      deployment,
      documents: documents(),
      boundary: boundary(),
      kind: 'user',
    });
  const boundary = () => boundaryDocument(deployment, where.account);
  const documents = () => deployerPolicies(deployment, where);
  const allCalls = () => listedCalls(join(emulated.run, 'calls'));
  /** Calls of the deployer so far, and of CloudFormation with its rights, in order. */
  const calls = () => {
    const own = allCalls().filter(({ caller }) => caller === applied.arn);
    // A deregistered image is still listed for a moment, and has no tag any more that would allow to deregister it again.
    return own.filter(
      ({ action, resource }, index) =>
        action !== 'ec2:DeregisterImage' ||
        own.findIndex((call) => call.resource === resource && call.action === action) === index,
    );
  };
  /** Roles of the bootstrap stack that the deployer assumes, and their policies while they existed. */
  const assumed = (['deploy', 'publish'] as const).map((purpose) =>
    roleName('meet', purpose, deployment.region),
  );
  const given = new Map<string, PolicyDocument[]>();

  beforeAll(async () => {
    emulated = await EmulatedAccount.start({ enforce: true, list: true });
    root = emulated.account();
    builders = new ImageBuilders(emulated, root, deployment.name);
    await emulated.makeZone();
    where = await callerContext(root, deployment);
    applied = await applyNow();
    deployer = as({ accessKeyId: applied.key?.id ?? '', secretAccessKey: applied.key?.secret ?? '' });
  }, 300_000);
  afterAll(async () => {
    await builders?.stop();
    await emulated?.stop();
    rmSync(folder, { recursive: true });
  });

  it('is created once: a second run changes nothing and shows no key', async () => {
    expect(applied).toMatchObject({ made: true, kind: 'user', key: { id: expect.stringMatching(/^AKIA/) } });
    const again = await applyNow();
    expect(again.made).toBe(false);
    expect(again.key).toBeUndefined();
    expect(again.policies.map(({ did }) => did)).toEqual(applied.policies.map(() => 'nothing'));
  });

  it('can check, preview, deploy, show, drill, invite, store a secret and delete, without a denied call', async () => {
    const found = await check(deployer, deployment);
    expect(exitCode(found)).toBe(0);
    expect(found.map(({ subject }) => subject)).toEqual(
      expect.arrayContaining(['EBS encryption key', 'budget', 'types in zones']),
    );
    // The emulated account has the quotas of a new account, which this deployment does not exceed.
    expect(found.find(({ subject }) => subject === 'quota of on-demand vCPUs')).toMatchObject({
      state: 'unknown',
      said: '16 at most, in addition to 0 in use; only 5 allowed, the default of a new account',
    });
    expect(found.find(({ subject }) => subject === 'quota of VPCs')?.state).toBe('fine');
    await preview(deployment, deployer);
    await up({ account: deployer, deployment, onProgress, join: false, bake: true });
    expect((await up({ account: deployer, deployment, onProgress, join: false })).changed).toBe(false);
    expect(await status(deployer, deployment)).toMatchObject({
      state: 'serving',
      images: [{ created: expect.any(Date) }],
    });
    expect((await preview(deployment, deployer)).changes).toEqual([]);
    expect((await check(deployer, deployment)).filter(({ state }) => state === 'wrong')).toEqual([]);
    await expect(tokenKey(deployer, deployment)).resolves.toBeTruthy();
    await report(deployer, deployment, { from: new Date(0), to: new Date() });
    const stored = () => readClientSecret(new SecretsManagerClient(emulated.config()), loginName('meet'));
    expect(await stored()).toBeUndefined();
    await setLoginSecret(deployer, deployment, 'secret of the client');

    // Machines that a change of the file concerns are replaced.
    const retitled = { ...deployment, meetings: { ...deployment.meetings, title: 'Our meetings' } };
    const { replaced } = await up({ account: deployer, deployment: retitled, onProgress, join: false });
    expect(replaced).toEqual(['convoke-meet-shard-a', 'convoke-meet-shard-b']);
    expect(await stored()).toBe('secret of the client');

    // The calls with which drills break machines. The rest of a drill only observes, and needs meetings, which simulated
    // machines do not have.
    const [shard] = (await status(deployer, deployment)).machines;
    // What "up" and "status" read of a machine that does not serve.
    await consoleOutput(deployer, shard?.id ?? '');
    await lastLines(deployer, deployment, [{ node: shard?.id, from: new Date() }]);
    await logs({ account: deployer, deployment, from: new Date() }).next();
    await leaveGroup(deployer, shard?.id ?? '');
    await cutPower(deployer, [shard?.id ?? '']);

    const iam = new IAMClient(emulated.config());
    for (const role of assumed) given.set(role, await policiesOfRole(iam, role));
    // A role of the deployment can do no more than its boundary allows, regardless of its policies.
    const worn = await new STSClient(emulated.config()).send(
      new AssumeRoleCommand({
        RoleArn: `arn:aws:iam::${where.account}:role/${roleName('meet', 'deploy', deployment.region)}`,
        RoleSessionName: 'test',
      }),
    );
    await iam.send(
      new PutRolePolicyCommand({
        RoleName: roleName('meet', 'deploy', deployment.region),
        PolicyName: 'everything',
        PolicyDocument: JSON.stringify({
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
        }),
      }),
    );
    const widened = new IAMClient(emulated.config(keysOf(worn)));
    await expect(widened.send(new CreateUserCommand({ UserName: 'more' }))).rejects.toThrow(/not authorized/);
    await expect(
      new EC2Client(emulated.config(keysOf(worn))).send(new DescribeVpcsCommand({})),
    ).resolves.toBeDefined();
    const { Roles = [] } = await iam.send(new ListRolesCommand({}));
    const own = Roles.filter(({ RoleName }) => RoleName?.startsWith('convoke-meet-'));
    const limits = await Promise.all(
      own.map(
        async ({ RoleName }) => (await iam.send(new GetRoleCommand({ RoleName }))).Role?.PermissionsBoundary,
      ),
    );
    // Roles of the bootstrap stack, then of shards, bridges, the machine for images and the function for alerts.
    expect(limits.length).toBe(3 + 5);
    for (const limit of limits) expect(limit?.PermissionsBoundaryArn).toBe(applied.boundary.arn);

    await watchAsGuardDuty(new EC2Client(emulated.config()));
    // With everything still there, the sweep finds resources of every kind. Stacks are deleted first, with their roles and
    // profiles, so the test adds some that belong to no stack.
    const left = 'convoke-meet-Left';
    await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: left }));
    await iam.send(
      new CreateRoleCommand({
        RoleName: left,
        AssumeRolePolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [] }),
      }),
    );
    await iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName: left, RoleName: left }));
    const target = { deployment: 'meet', domain: 'meet.example.org', zone: 'example.org' };
    expect((await sweep(deployer, target)).filter(({ left }) => left.length)).toEqual([]);
    const result = await down({ account: deployer, deployment, onProgress });
    expect(result.leftovers).toEqual([]);
    expect(result.deployer).toBe(applied.arn);
    expect(calls().filter(({ allowed }) => !allowed)).toEqual([]);
  }, 300_000);

  /** GuardDuty's Runtime Monitoring puts these into every network with machines. */
  async function watchAsGuardDuty(ec2: EC2Client): Promise<void> {
    const { Vpcs = [] } = await ec2.send(
      new DescribeVpcsCommand({ Filters: [{ Name: 'tag:convoke:deployment', Values: ['meet'] }] }),
    );
    const VpcId = Vpcs[0]?.VpcId ?? '';
    const tagged = (ResourceType: 'vpc-endpoint' | 'security-group') => [
      { ResourceType, Tags: [{ Key: 'GuardDutyManaged', Value: 'true' }] },
    ];
    await ec2.send(
      new CreateVpcEndpointCommand({
        VpcId,
        VpcEndpointType: 'Interface',
        ServiceName: 'com.amazonaws.eu-central-1.guardduty-data',
        TagSpecifications: tagged('vpc-endpoint'),
      }),
    );
    await ec2.send(
      new CreateSecurityGroupCommand({
        VpcId,
        GroupName: `GuardDutyManagedSecurityGroup-${VpcId}`,
        Description: 'of GuardDuty',
        TagSpecifications: tagged('security-group'),
      }),
    );
  }

  it('is evaluated here with the same logic as in the account', () => {
    for (const call of calls()) {
      const free = NEVER_REFUSED.includes(call.action);
      expect(free || allows(documents(), call), `${call.action} ${call.resource}`).toBe(call.allowed);
    }
  });

  it('needs each of its statements', () => {
    const needed = calls().filter(({ action }) => !NEVER_REFUSED.includes(action));
    const all = rights({ deployment, ...where });
    expect(needed.filter((call) => !allows(policies(all), call))).toEqual([]);
    for (const { sid } of all) {
      const rest = policies(all.filter((right) => right.sid !== sid));
      expect(needed.filter((call) => !allows(rest, call)).length, sid).toBeGreaterThan(0);
    }
  });

  it.each(assumed)('needs each statement of %s', (role) => {
    const policiesThen = given.get(role) ?? [];
    // The session named "test" is the administrator's, who tried the widened role.
    const needed = callsOfRole(allCalls(), role).filter(
      ({ caller, action }) => !caller.endsWith('/test') && !NEVER_REFUSED.includes(action),
    );
    expect(needed.length).toBeGreaterThan(1);
    expect(needed.filter((call) => !allows(policiesThen, call))).toEqual([]);
    expect(needlessStatements(policiesThen, needed)).toEqual([]);
  });

  it('fails in "up" before anything is created if AWS denies it the budget of the file', async () => {
    const iam = new IAMClient(emulated.config());
    const denied = { UserName: applied.name, PolicyName: 'no-billing' };
    await iam.send(
      new PutUserPolicyCommand({
        ...denied,
        PolicyDocument: JSON.stringify({
          Version: '2012-10-17',
          Statement: [{ Effect: 'Deny', Action: 'budgets:ViewBudget', Resource: '*' }],
        }),
      }),
    );
    await expect(up({ account: deployer, deployment, onProgress, join: false })).rejects.toMatchObject({
      name: 'PreflightFailed',
      message: expect.stringContaining('budget (AWS denies these credentials access to budgets'),
    });
    expect(await findStack(root, bootstrapStackName('meet'))).toBeUndefined();
    await iam.send(new DeleteUserPolicyCommand(denied));
  }, 60_000);

  it('can be updated for another file, which needs to read an existing certificate', async () => {
    const acm = new ACMClient(emulated.config());
    const { CertificateArn } = await acm.send(
      new RequestCertificateCommand({ DomainName: 'other.example.org', ValidationMethod: 'DNS' }),
    );
    const own = parseDeployment(`${FILE}certificate: ${CertificateArn}\n`, 'a file of the test');
    const before = calls().length;
    expect((await check(deployer, own)).find(({ subject }) => subject === 'certificate')).toMatchObject({
      state: 'unknown',
      said: expect.stringContaining('lack a permission'),
    });
    const again = await apply({
      account: root,
      accountId: where.account,
      deployment: own,
      documents: deployerPolicies(own, where),
      boundary: boundary(),
      kind: 'user',
    });
    expect(again.policies.map(({ did }) => did)).toContain('updated');
    const found = await check(deployer, own);
    expect(found.find(({ subject }) => subject === 'certificate')).toMatchObject({ state: 'wrong' });
    expect(exitCode(found)).toBe(2);
    expect(
      calls()
        .slice(before)
        .filter(({ allowed }) => !allowed)
        .map(({ action }) => action),
    ).toEqual(['acm:DescribeCertificate']);
  }, 60_000);

  it('sees which rights are missing, and for what', async () => {
    const iam = new IAMClient(emulated.config());
    const [first = ''] = applied.policies.map(({ arn }) => arn);
    await iam.send(new DetachUserPolicyCommand({ UserName: applied.name, PolicyArn: first }));
    const found = await check(deployer, deployment);
    expect(found.filter(({ subject }) => subject === 'rights')).toEqual([
      expect.objectContaining({ state: 'unknown', said: expect.stringContaining('SimulatePrincipalPolicy') }),
    ]);
    await iam.send(
      new PutUserPolicyCommand({
        UserName: applied.name,
        PolicyName: 'ask',
        PolicyDocument: JSON.stringify({
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Action: 'iam:SimulatePrincipalPolicy', Resource: '*' }],
        }),
      }),
    );
    const lacking = (await check(deployer, deployment)).filter(({ subject }) => subject === 'rights');
    expect(lacking.map(({ state }) => state)).not.toContain('fine');
    expect(lacking.find(({ now }) => now.includes('statement OwnGroups'))?.said).toMatch(
      /needed by .*up.*autoscaling:DeleteLifecycleHook/,
    );
    await iam.send(new DeleteUserPolicyCommand({ UserName: applied.name, PolicyName: 'ask' }));
  }, 60_000);

  it('is removed without leftovers', async () => {
    const gone = await revoke(root, deployment);
    expect(gone.users).toEqual([applied.name]);
    expect(gone.policies).toEqual(expect.arrayContaining(applied.policies.map(({ arn }) => arn)));
    const iam = new IAMClient(emulated.config());
    await expect(iam.send(new GetUserCommand({ UserName: applied.name }))).rejects.toThrow(/cannot be found/);
    expect(await revoke(root, deployment)).toEqual({ users: [], roles: [], policies: [] });
  });

  it('can be a role, which a given principal may assume', async () => {
    const principal = `arn:aws:iam::${where.account}:root`;
    const common = {
      account: root,
      accountId: where.account,
      deployment,
      documents: documents(),
      boundary: boundary(),
    };
    const role = await apply({ ...common, kind: 'role', principal });
    expect(role).toMatchObject({ kind: 'role', made: true, name: applied.name });
    expect(role.key).toBeUndefined();
    // The administrator waits until the new role can be assumed.
    await untilAssumable(root, [role.arn]);
    const { Credentials } = await new STSClient(emulated.config()).send(
      new AssumeRoleCommand({ RoleArn: role.arn, RoleSessionName: 'test' }),
    );
    const worn: Account = { ...root, credentials: async () => keysOf({ Credentials }) };
    const found = await check(worn, deployment);
    expect(found.find(({ subject }) => subject === 'rights')?.state).toBe('fine');
    await up({ account: worn, deployment, onProgress, join: false });
    // Its name has the prefix that the sweep looks for, but the sweep keeps it.
    expect((await down({ account: worn, deployment, onProgress })).deployer).toContain(applied.name);
    expect((await revoke(root, deployment)).roles).toEqual([applied.name]);
  }, 120_000);
});

const keysOf = ({ Credentials }: Pick<AssumeRoleCommandOutput, 'Credentials'>) => ({
  accessKeyId: Credentials?.AccessKeyId ?? '',
  secretAccessKey: Credentials?.SecretAccessKey ?? '',
  sessionToken: Credentials?.SessionToken ?? '',
});
