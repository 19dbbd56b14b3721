import {
  DeleteBucketCommand,
  DeleteObjectsCommand,
  HeadBucketCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  DeleteSecretCommand,
  paginateListSecrets,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { DeleteParameterCommand, paginateDescribeParameters, SSMClient } from '@aws-sdk/client-ssm';
import { alertsName, assetsBucketName, namePrefix } from '../../contract/names.js';
import { DEPLOYMENT_TAG } from '../../contract/tags.js';
import type { Account } from '../account.js';
import { client, ifThere, isAbsent, isBucketOfOthers } from '../clients.js';
import { callerIdentity } from '../identity.js';
import { type Kind, NotSeen } from './kind.js';
import { ownNames } from './own-names.js';

const secrets: Kind = {
  name: 'secrets',
  async find(account, { deployment }) {
    const found: string[] = [];
    for await (const page of paginateListSecrets(
      { client: client(account, SecretsManagerClient) },
      // A secret that was deleted in the console is kept for 7 to 30 days, blocks its name, and is listed only on
      // request.
      { Filters: [{ Key: 'name', Values: [namePrefix(deployment)] }], IncludePlannedDeletion: true },
    )) {
      found.push(...(page.SecretList ?? []).map(({ Name = '' }) => Name));
    }
    return found.filter((name) => ownNames(deployment, account.region).has(name));
  },
  async remove(account, id) {
    await client(account, SecretsManagerClient).send(
      new DeleteSecretCommand({ SecretId: id, ForceDeleteWithoutRecovery: true }),
    );
  },
};

const parameters: Kind = {
  name: 'parameters',
  async find(account, target) {
    const found: string[] = [];
    const pages = paginateDescribeParameters(
      { client: client(account, SSMClient) },
      { ParameterFilters: [{ Key: `tag:${DEPLOYMENT_TAG}`, Values: [target.deployment] }] },
    );
    // An empty page may not be the last one.
    for await (const page of pages) found.push(...(page.Parameters ?? []).map((p) => p.Name ?? ''));
    return found.filter(
      (name) => name.startsWith('/cdk-bootstrap/') || name === alertsName(target.deployment),
    );
  },
  async remove(account, id) {
    await client(account, SSMClient).send(new DeleteParameterCommand({ Name: id }));
  },
};

/** The name of the assets bucket, which includes the account number. */
export async function bucketName(account: Account, deployment: string): Promise<string> {
  return assetsBucketName(deployment, (await callerIdentity(account)).account, account.region);
}

const buckets: Kind = {
  name: 'buckets',
  async find(account, { deployment }) {
    const bucket = await bucketName(account, deployment);
    try {
      return (await ifThere(client(account, S3Client).send(new HeadBucketCommand({ Bucket: bucket }))))
        ? [bucket]
        : [];
    } catch (error) {
      if (!isBucketOfOthers(error)) throw error;
      throw new NotSeen(`${bucket} belongs to another account, or these credentials may not access it`);
    }
  },
  async remove(account, id) {
    await emptyBucket(account, id);
    await client(account, S3Client).send(new DeleteBucketCommand({ Bucket: id }));
  },
};

/** Deletes all objects with all their versions. Does nothing if the bucket does not exist. */
export async function emptyBucket(account: Account, bucket: string): Promise<void> {
  const s3 = client(account, S3Client);
  try {
    for (;;) {
      const versions = await s3.send(new ListObjectVersionsCommand({ Bucket: bucket }));
      const objects = [...(versions.Versions ?? []), ...(versions.DeleteMarkers ?? [])].map(
        ({ Key, VersionId }) => ({
          Key: Key ?? '',
          ...(VersionId && VersionId !== 'null' && { VersionId }),
        }),
      );
      if (objects.length === 0) {
        const plain = await s3.send(new ListObjectsV2Command({ Bucket: bucket }));
        objects.push(...(plain.Contents ?? []).map(({ Key }) => ({ Key: Key ?? '' })));
      }
      if (objects.length === 0) return;
      const { Errors = [] } = await s3.send(
        new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: objects, Quiet: true } }),
      );
      // Otherwise the same objects would be tried endlessly.
      const [first] = Errors;
      if (first)
        throw new Error(`${first.Key} in ${bucket} could not be deleted: ${first.Message ?? first.Code}`);
    }
  } catch (error) {
    if (!isAbsent(error)) throw error;
  }
}

export const storageKinds: readonly Kind[] = [secrets, parameters, buckets];
