import {
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  IAMClient,
  paginateListPolicies,
  paginateListPolicyVersions,
} from '@aws-sdk/client-iam';
import type { Account } from '../../cloud/account.js';
import { client, isAbsent } from '../../cloud/clients.js';
import { DEPLOYER_PATH } from '../../contract/names.js';
import { DEPLOYMENT_TAG } from '../../contract/tags.js';
import type { PolicyDocument } from './document.js';

/** Maximum versions of a managed policy; the oldest must be deleted before a sixth is created (IAM and STS quotas). */
const MOST_VERSIONS = 5;

export interface PutPolicy {
  readonly arn: string;
  readonly did: 'made' | 'updated' | 'nothing';
}

/** Creates a managed policy with this document, or a new version of it; does nothing if the document is unchanged. */
export async function putPolicy(
  account: Account,
  policy: { readonly arn: string; readonly name: string; readonly document: PolicyDocument },
  deployment: string,
): Promise<PutPolicy> {
  const iam = client(account, IAMClient);
  const { arn, name, document } = policy;
  const text = JSON.stringify(document);
  const current = await currentDocument(account, arn);
  if (current === undefined) {
    await iam.send(
      new CreatePolicyCommand({
        PolicyName: name,
        Path: DEPLOYER_PATH,
        PolicyDocument: text,
        Description: `What convoke needs to deploy ${deployment}`,
        Tags: [{ Key: DEPLOYMENT_TAG, Value: deployment }],
      }),
    );
    return { arn, did: 'made' };
  }
  if (current === text) return { arn, did: 'nothing' };
  const old = await olderVersions(account, arn);
  for (const id of old.slice(MOST_VERSIONS - 2)) {
    await iam.send(new DeletePolicyVersionCommand({ PolicyArn: arn, VersionId: id }));
  }
  await iam.send(
    new CreatePolicyVersionCommand({ PolicyArn: arn, PolicyDocument: text, SetAsDefault: true }),
  );
  return { arn, did: 'updated' };
}

/** The default version's document; undefined if there is no such policy. */
async function currentDocument(account: Account, arn: string): Promise<string | undefined> {
  const iam = client(account, IAMClient);
  try {
    const { Policy } = await iam.send(new GetPolicyCommand({ PolicyArn: arn }));
    const { PolicyVersion } = await iam.send(
      new GetPolicyVersionCommand({ PolicyArn: arn, VersionId: Policy?.DefaultVersionId }),
    );
    return JSON.stringify(JSON.parse(decodeURIComponent(PolicyVersion?.Document ?? 'null')));
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

/** Ids of the versions that do not count, newest first. */
async function olderVersions(account: Account, arn: string): Promise<string[]> {
  const found: string[] = [];
  for await (const page of paginateListPolicyVersions(
    { client: client(account, IAMClient) },
    { PolicyArn: arn },
  )) {
    found.push(...(page.Versions ?? []).filter((v) => !v.IsDefaultVersion).map((v) => v.VersionId ?? ''));
  }
  return found.sort((a, b) => number(b) - number(a));
}

const number = (version: string): number => Number(version.slice(1));

/** ARNs of the managed policies that `policy --apply` has made for a deployer of that name. */
export async function policiesOf(account: Account, deployer: string): Promise<string[]> {
  const found: string[] = [];
  for await (const page of paginateListPolicies(
    { client: client(account, IAMClient) },
    { Scope: 'Local', PathPrefix: DEPLOYER_PATH },
  )) {
    for (const { Arn = '', PolicyName = '' } of page.Policies ?? []) {
      const [own, part] = [PolicyName.slice(0, deployer.length), PolicyName.slice(deployer.length)];
      if (own === deployer && /^-\d+$/.test(part)) found.push(Arn);
    }
  }
  return found;
}

/** Deletes a managed policy that nobody has any more, with all its versions. */
export async function deletePolicy(account: Account, arn: string): Promise<void> {
  const iam = client(account, IAMClient);
  for (const id of await olderVersions(account, arn)) {
    await iam.send(new DeletePolicyVersionCommand({ PolicyArn: arn, VersionId: id }));
  }
  await iam.send(new DeletePolicyCommand({ PolicyArn: arn }));
}
