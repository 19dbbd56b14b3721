import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GetUserCommand, IAMClient } from '@aws-sdk/client-iam';
import { CreateHostedZoneCommand, Route53Client } from '@aws-sdk/client-route-53';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Account } from '../../src/cloud/account.js';
import { systemClock } from '../../src/cloud/clock.js';
import { sweep } from '../../src/cloud/sweep/sweep.js';
import type { Deployment } from '../../src/config/deployment.js';
import { parseDeployment } from '../../src/config/load.js';
import { down } from '../../src/operations/down.js';
import { type Applied, apply } from '../../src/operations/policy/apply.js';
import { deployerPolicies, type Whereabouts, whereabouts } from '../../src/operations/policy/policy.js';
import { NEVER_REFUSED } from '../../src/operations/policy/rights.js';
import { withdraw } from '../../src/operations/policy/withdraw.js';
import { preview } from '../../src/operations/preview.js';
import { status } from '../../src/operations/status.js';
import { up } from '../../src/operations/up.js';
import { allows, type Call } from '../iam.js';
import { EmulatedAccount } from './control-plane.account.js';

const FILE = 'domain: meet.example.org\nregion: eu-central-1\nalerts: ops@example.org\nname: meet\n';

describe('whoever has the rights that "policy" prints', () => {
  const deployment: Deployment = parseDeployment(`${FILE}size: team\n`, 'a file of the test');
  const onProgress = () => {};
  let emulated: EmulatedAccount;
  let root: Account;
  let deployer: Account;
  let applied: Applied;
  let where: Whereabouts;

  const as = (credentials: { accessKeyId: string; secretAccessKey: string }): Account => ({
    region: deployment.region,
    endpoint: emulated.emulator.endpoint,
    clock: systemClock,
    credentials: async () => credentials,
  });
  const applyNow = () =>
    apply({ account: root, accountId: where.account, deployment, documents: documents(), kind: 'user' });
  const documents = () => deployerPolicies(deployment, where);
  /** What the deployer asked for so far, in order. */
  const calls = (): Call[] =>
    readFileSync(join(emulated.run, 'calls'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Call)
      .filter(({ caller }) => caller === applied.arn);

  beforeAll(async () => {
    emulated = await EmulatedAccount.start({ enforce: true, list: true });
    root = as(emulated.emulator.credentials);
    await new Route53Client(emulated.config()).send(
      new CreateHostedZoneCommand({ Name: 'example.org', CallerReference: 'test' }),
    );
    where = await whereabouts(root, deployment);
    applied = await applyNow();
    deployer = as({ accessKeyId: applied.key?.id ?? '', secretAccessKey: applied.key?.secret ?? '' });
  }, 300_000);
  afterAll(() => emulated?.stop());

  it('is made once: again changes nothing and shows no key', async () => {
    expect(applied).toMatchObject({ made: true, kind: 'user', key: { id: expect.stringMatching(/^AKIA/) } });
    const again = await applyNow();
    expect(again.made).toBe(false);
    expect(again.key).toBeUndefined();
    expect(again.policies.map(({ did }) => did)).toEqual(applied.policies.map(() => 'nothing'));
  });

  it('previews, deploys, looks and takes down, and is refused nothing', async () => {
    await preview(deployment, deployer);
    await up({ account: deployer, deployment, onProgress, join: false });
    expect((await up({ account: deployer, deployment, onProgress, join: false })).changed).toBe(false);
    expect((await status(deployer, deployment)).state).toBe('serving');
    expect((await preview(deployment, deployer)).changes).toEqual([]);
    // With everything still there, a sweep has one of every kind to remove.
    const swept = await sweep(deployer, {
      deployment: 'meet',
      domain: 'meet.example.org',
      zone: 'example.org',
    });
    expect(swept.filter(({ left }) => left.length)).toEqual([]);
    const result = await down({ account: deployer, deployment, onProgress });
    expect(result.leftovers).toEqual([]);
    expect(result.deployer).toBe(applied.arn);
    expect(calls().filter(({ allowed }) => !allowed)).toEqual([]);
  }, 300_000);

  it('is judged by the same logic here as in the account', () => {
    for (const call of calls()) {
      const free = NEVER_REFUSED.includes(call.action);
      expect(free || allows(documents(), call), `${call.action} ${call.resource}`).toBe(call.allowed);
    }
  });

  it('goes without a trace', async () => {
    const gone = await withdraw(root, deployment);
    expect(gone).toEqual({
      users: [applied.name],
      roles: [],
      policies: applied.policies.map(({ arn }) => arn),
    });
    const iam = new IAMClient(emulated.config());
    await expect(iam.send(new GetUserCommand({ UserName: applied.name }))).rejects.toThrow(/cannot be found/);
    expect(await withdraw(root, deployment)).toEqual({ users: [], roles: [], policies: [] });
  });
});
