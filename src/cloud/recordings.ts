import {
  CompleteMultipartUploadCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  paginateListObjectsV2,
  paginateListParts,
  S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { recordingsBucketName } from '../contract/names.js';
import { RECORDINGS_PREFIX } from '../contract/recording.js';
import type { Account } from './account.js';
import { client, isAbsent } from './clients.js';
import { callerIdentity } from './identity.js';

/** The name of the bucket of recordings, which includes the account number. */
export async function recordingsBucket(account: Account, deployment: string): Promise<string> {
  return recordingsBucketName(deployment, (await callerIdentity(account)).account, account.region);
}

/** An object in the bucket. */
export interface StoredRecording {
  readonly key: string;
  readonly bytes: number;
}

/** All objects in the bucket; undefined if there is no bucket. */
export async function storedRecordings(
  account: Account,
  bucket: string,
): Promise<StoredRecording[] | undefined> {
  const found: StoredRecording[] = [];
  try {
    const pages = paginateListObjectsV2(
      { client: client(account, S3Client) },
      { Bucket: bucket, Prefix: RECORDINGS_PREFIX },
    );
    for await (const { Contents = [] } of pages)
      found.push(...Contents.map(({ Key = '', Size = 0 }) => ({ key: Key, bytes: Size })));
    return found;
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

/** An upload that was begun and not completed: a recorder is at it, or died. */
export interface UnfinishedUpload {
  readonly key: string;
  readonly id: string;
  readonly parts: readonly { readonly number: number; readonly etag: string; readonly bytes: number }[];
}

export async function unfinishedUploads(account: Account, bucket: string): Promise<UnfinishedUpload[]> {
  const s3 = client(account, S3Client);
  const { Uploads = [] } = await s3.send(
    new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: RECORDINGS_PREFIX }),
  );
  return Promise.all(
    Uploads.map(async ({ Key = '', UploadId = '' }) => ({
      key: Key,
      id: UploadId,
      parts: await partsOf(account, bucket, Key, UploadId),
    })),
  );
}

async function partsOf(account: Account, Bucket: string, Key: string, UploadId: string) {
  const found: UnfinishedUpload['parts'][number][] = [];
  const pages = paginateListParts({ client: client(account, S3Client) }, { Bucket, Key, UploadId });
  for await (const { Parts = [] } of pages)
    found.push(
      ...Parts.map(({ PartNumber = 0, ETag = '', Size = 0 }) => ({
        number: PartNumber,
        etag: ETag,
        bytes: Size,
      })),
    );
  return found;
}

/** Makes the parts that were uploaded an object. */
export async function completeUpload(
  account: Account,
  Bucket: string,
  { key, id, parts }: UnfinishedUpload,
): Promise<void> {
  const Parts = parts.map(({ number, etag }) => ({ PartNumber: number, ETag: etag }));
  await client(account, S3Client).send(
    new CompleteMultipartUploadCommand({ Bucket, Key: key, UploadId: id, MultipartUpload: { Parts } }),
  );
}

/** A recording's bytes, as they come. */
export async function openRecording(
  account: Account,
  bucket: string,
  key: string,
): Promise<AsyncIterable<Uint8Array>> {
  const { Body } = await client(account, S3Client).send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  if (!Body) throw new Error(`${key} has no content`);
  return Body as AsyncIterable<Uint8Array>;
}

/** An address that is valid for some seconds, or until the credentials expire that signed it. */
export function linkToRecording(
  account: Account,
  bucket: string,
  key: string,
  seconds: number,
): Promise<string> {
  const command = new GetObjectCommand({
    Bucket: bucket,
    Key: key,
    ResponseContentDisposition: `attachment; filename="${key.split('/').slice(1).join('-')}"`,
  });
  return getSignedUrl(client(account, S3Client), command, { expiresIn: seconds });
}

export async function deleteRecordings(
  account: Account,
  bucket: string,
  keys: readonly string[],
): Promise<void> {
  const { Errors = [] } = await client(account, S3Client).send(
    new DeleteObjectsCommand({
      Bucket: bucket,
      Delete: { Objects: keys.map((Key) => ({ Key })), Quiet: true },
    }),
  );
  const [first] = Errors;
  if (first) throw new Error(`${first.Key} could not be deleted: ${first.Message ?? first.Code}`);
}
