import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ACMClient,
  DeleteCertificateCommand,
  DescribeCertificateCommand,
  RequestCertificateCommand,
} from '@aws-sdk/client-acm';
import { CreateKeyPairCommand, DeleteKeyPairCommand, EC2Client } from '@aws-sdk/client-ec2';
import {
  CreateHostedZoneCommand,
  DeleteHostedZoneCommand,
  GetHostedZoneCommand,
  Route53Client,
} from '@aws-sdk/client-route-53';
import fc from 'fast-check';
import pWaitFor from 'p-wait-for';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Account } from '../../src/cloud/account.js';
import { client } from '../../src/cloud/clients.js';
import { offeredIn } from '../../src/cloud/instance-types.js';
import type { Deployment } from '../../src/config/deployment.js';
import { parseDeployment } from '../../src/config/load.js';
import { down } from '../../src/operations/down/down.js';
import { apply } from '../../src/operations/policy/apply.js';
import { boundaryDocument, callerContext, deployerPolicies } from '../../src/operations/policy/policy.js';
import { revoke } from '../../src/operations/policy/revoke.js';
import { up } from '../../src/operations/up.js';
import { hostNames } from '../../src/stack/host-names.js';
import { listedCalls } from '../iam.js';
import { everything } from './account-inventory.js';
import { EmulatedAccount } from './control-plane/account.js';
import {
  type GeneratedFile,
  generatedFile,
  KEY_PAIR,
  OWN_CERTIFICATE,
  resized,
  withTypesOf,
  writeParts,
} from './generated-deployments.js';

/** Every third deployment changes its size, and back. */
const RESIZED = 3;
/** Number of deployments, their seed, and how many of them to skip, to repeat one that failed. */
const COUNT = Number(process.env.CONVOKE_DEPLOYMENTS ?? 3);
const SEED = Number(process.env.CONVOKE_SEED ?? Date.now() % 1_000_000);
const FIRST = Number(process.env.CONVOKE_FIRST ?? 0);

let emulated: EmulatedAccount;
let root: Account;
let folder: string;

const start = async () => {
  emulated = await EmulatedAccount.start({ enforce: true, list: true, boot: 0.1 });
  root = emulated.account();
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'convoke-generated-'));
  writeParts(folder);
  await start();
}, 300_000);
afterAll(async () => {
  await emulated?.stop();
  rmSync(folder, { recursive: true, force: true });
});

it(
  `${COUNT} deployments are made and taken down with the rights that "policy" prints, seed ${SEED}`,
  async () => {
    const failed: string[] = [];
    const files = fc.sample(generatedFile, { numRuns: COUNT, seed: SEED }).slice(FIRST);
    expect(files, 'CONVOKE_FIRST skips all of CONVOKE_DEPLOYMENTS').not.toEqual([]);
    const began = Date.now();
    for (const [index, given] of files.entries()) {
      const from = Date.now();
      const other = (FIRST + index) % RESIZED === 0 ? resized(given) : undefined;
      const problem = await upAndDown(given, other).catch((error: Error) => describe(error));
      const sizes = [given, other ?? []].flat().map(({ size }) => size ?? 'solo');
      const line = `${FIRST + index} ${given.domain} ${sizes.join('->')} ${given.region}`;
      process.stdout.write(`${line}: ${problem || 'nothing refused, nothing left'}, ${seconds(from)} s\n`);
      if (!problem) continue;
      failed.push(`${line}: ${problem}\n${JSON.stringify(given)}`);
      // Its leftovers must not affect the next deployment.
      await emulated.stop();
      await start();
    }
    process.stdout.write(
      `${files.length} deployments in ${seconds(began)} s, ${failed.length} failed; seed ${SEED}\n`,
    );
    expect(failed, `Seed ${SEED}`).toEqual([]);
  },
  COUNT * 120_000,
);

const seconds = (since: number) => ((Date.now() - since) / 1000).toFixed(1);
const describe = (error: Error & { why?: string }) =>
  [error.name, error.message, error.why].filter(Boolean).join(' | ').slice(0, 3000);

/**
 * Creates and deletes a deployment as a user with only the rights for it. `other`: the file for a change in between, which
 * is taken back. Returns the problem, or an empty text.
 */
async function upAndDown(given: GeneratedFile, other?: GeneratedFile): Promise<string> {
  const regional: Account = { ...root, region: given.region };
  const zone = await makeZone(given);
  const deployment = await written(given, regional);
  const before = await everything(regional);
  const where = await callerContext(regional, deployment);
  const applied = await apply({
    account: regional,
    accountId: where.account,
    deployment,
    documents: deployerPolicies(deployment, where),
    boundary: boundaryDocument(deployment, where.account),
    kind: 'user',
  });
  const key = { accessKeyId: applied.key?.id ?? '', secretAccessKey: applied.key?.secret ?? '' };
  const deployer: Account = { ...regional, credentials: async () => key };
  const calls = refusedCalls();
  const changed = other && (await withCertificateOf(deployment, other, regional));
  for (const each of changed ? [deployment, changed, deployment] : [deployment])
    await up({ account: deployer, deployment: each, join: false, onProgress: addRecords });
  const { leftovers } = await down({
    account: deployer,
    deployment,
    onProgress: () => {},
    when: 'now',
    recordings: 'delete',
  });
  await revoke(regional, deployment);
  const refused = calls();
  const left = [...(await everything(regional))].filter((one) => !before.has(one));
  await clean(regional, deployment, zone);
  return [
    ...leftovers.map((one) => `down reports as left: ${JSON.stringify(one)}`),
    ...left.map((one) => `left: ${one}`),
    ...refused.map((one) => `refused: ${one}`),
  ].join('; ');
}

/** Adds the requested records, as a user with manual DNS does. */
const addRecords: Parameters<typeof up>[0]['onProgress'] = (event) => {
  if (event.kind === 'records') keep(event.records);
};
const keep = (records: readonly { name: string; value: string }[]) =>
  writeFileSync(
    join(emulated.run, 'records'),
    records.map(({ name, value }) => `${name} CNAME ${value}\n`).join(''),
  );

/** The deployer's and CloudFormation's calls that have been refused since then. */
function refusedCalls(): () => string[] {
  const file = join(emulated.run, 'calls');
  writeFileSync(file, '');
  return () =>
    listedCalls(file)
      .filter(({ allowed }) => !allowed)
      .map(({ action, resource }) => `${action} on ${resource}`);
}

/** The existing hosted zone of a file; undefined if its records are manual. */
async function makeZone({ domain, dns }: GeneratedFile): Promise<string | undefined> {
  if (dns === 'manual') return undefined;
  const Name = (dns as { zone: string } | undefined)?.zone ?? domain.split('.').slice(1).join('.');
  const names = client(root, Route53Client);
  const { HostedZone } = await names.send(
    new CreateHostedZoneCommand({ Name, CallerReference: String(Math.random()) }),
  );
  return HostedZone?.Id;
}

/** The deployment of a file, and the prerequisites that it references: a key pair, an existing certificate. */
async function written(given: GeneratedFile, account: Account): Promise<Deployment> {
  const file: Record<string, unknown> = { ...(await withOfferedTypes(given, account)) };
  if (file.ssh) await client(account, EC2Client).send(new CreateKeyPairCommand({ KeyName: KEY_PAIR }));
  if (file.certificate === OWN_CERTIFICATE) {
    const parsed = parse({ ...file, certificate: undefined });
    file.certificate = await issuedCertificate(account, hostNames(parsed));
  }
  return parse(file);
}

/** The deployment of a changed file, with the certificate that the first one has. */
async function withCertificateOf(
  { certificate }: Deployment,
  changed: GeneratedFile,
  account: Account,
): Promise<Deployment> {
  const file = await withOfferedTypes(changed, account);
  return parse({ ...file, ...(certificate && { certificate }) });
}

async function withOfferedTypes(given: GeneratedFile, account: Account): Promise<GeneratedFile> {
  const { machines, bridges } = given as { machines?: { shard?: string }; bridges?: { types?: string[] } };
  const types = [machines?.shard ?? [], bridges?.types ?? []].flat();
  const offers = types.length ? await offeredIn(account, types) : new Map<string, string[]>();
  return withTypesOf(given, (type) => (offers.get(type)?.length ?? 0) > 1);
}

const parse = (file: object) => parseDeployment(JSON.stringify(file), join(folder, 'convoke.yaml'));

async function issuedCertificate(account: Account, [DomainName = '', ...others]: string[]): Promise<string> {
  const acm = client(account, ACMClient);
  const { CertificateArn } = await acm.send(
    new RequestCertificateCommand({
      DomainName,
      ...(others.length && { SubjectAlternativeNames: others }),
      ValidationMethod: 'DNS',
    }),
  );
  await pWaitFor(
    async () => {
      const { Certificate } = await acm.send(new DescribeCertificateCommand({ CertificateArn }));
      const proofs = (Certificate?.DomainValidationOptions ?? []).flatMap(({ ResourceRecord: r }) => r ?? []);
      keep(proofs.map(({ Name = '', Value = '' }) => ({ name: Name, value: Value })));
      return Certificate?.Status === 'ISSUED';
    },
    { interval: 100, timeout: 20_000 },
  );
  return CertificateArn ?? '';
}

/** Removes the prerequisites. The zone must contain only its own two records. */
async function clean(account: Account, { certificate, ssh }: Deployment, zone?: string): Promise<void> {
  if (ssh) await client(account, EC2Client).send(new DeleteKeyPairCommand({ KeyName: KEY_PAIR }));
  if (certificate)
    await client(account, ACMClient).send(new DeleteCertificateCommand({ CertificateArn: certificate }));
  if (!zone) return;
  const names = client(root, Route53Client);
  const { HostedZone } = await names.send(new GetHostedZoneCommand({ Id: zone }));
  expect(HostedZone?.ResourceRecordSetCount, 'records of the zone').toBe(2);
  await names.send(new DeleteHostedZoneCommand({ Id: zone }));
}
