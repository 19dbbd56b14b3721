import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Account } from '../../src/cloud/account.js';
import { parseDeployment } from '../../src/config/load.js';
import { down } from '../../src/operations/down/down.js';
import { apply } from '../../src/operations/policy/apply.js';
import { boundaryDocument, callerContext, deployerPolicies } from '../../src/operations/policy/policy.js';
import { up } from '../../src/operations/up.js';
import { EmulatedAccount } from './control-plane/account.js';

const deployment = parseDeployment(
  'domain: meet.example.org\nregion: eu-central-1\nalerts: ops@example.org\nname: meet\n',
  'a file of the test',
);
/** Seconds. As on AWS, longer than an operation here, and shorter than the twelve attempts of the sweep (3.6 s here). */
const SETTLE = 3;
const onProgress = () => {};

let emulated: EmulatedAccount;
let deployer: Account;

beforeAll(async () => {
  emulated = await EmulatedAccount.start({ enforce: true, settle: SETTLE });
  const root = emulated.account();
  await emulated.makeZone();
  const where = await callerContext(root, deployment);
  const { key } = await apply({
    account: root,
    accountId: where.account,
    deployment,
    documents: deployerPolicies(deployment, where),
    boundary: boundaryDocument(deployment, where.account),
    kind: 'user',
  });
  const credentials = { accessKeyId: key?.id ?? '', secretAccessKey: key?.secret ?? '' };
  deployer = { ...root, credentials: async () => credentials };
}, 300_000);
afterAll(() => emulated?.stop());

it('up succeeds with new roles that cannot be assumed yet', async () => {
  await up({ account: deployer, deployment, onProgress, join: false });
}, 180_000);

it('down handles lists that still contain deleted resources, and names what it removed itself', async () => {
  const { swept, leftovers } = await down({ account: deployer, deployment, onProgress, when: 'now' });
  expect(leftovers).toEqual([]);
  // CloudFormation has removed everything except the validation record of the certificate.
  // SNS reports no error for a deleted topic, so one that a list still contains may be counted.
  const removed = swept.flatMap((kind) => kind.removed).filter((id) => !id.includes(':sns:'));
  expect(removed).toEqual([expect.stringMatching(/^_.* CNAME$/)]);
}, 120_000);

it('up succeeds immediately after down, although the name of a deleted parameter cannot be used yet', async () => {
  await up({ account: deployer, deployment, onProgress, join: false });
  expect((await down({ account: deployer, deployment, onProgress, when: 'now' })).leftovers).toEqual([]);
}, 180_000);
