import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { instanceCredentials } from '../../metadata.js';

/** The bucket of recordings, into which a recorder can only write. */
export interface Bucket {
  /** Begins an upload in parts, and returns its id. */
  begin(key: string): Promise<string>;
  /** Uploads a part, counted from 1, and returns its ETag. */
  part(key: string, id: string, number: number, bytes: Uint8Array): Promise<string>;
  complete(key: string, id: string, etags: readonly string[]): Promise<void>;
}

/** S3's client is as large as all the rest of the agent, so it is in a file of its own, which only recorders fetch. */
export function bucket(region: string, Bucket: string): Bucket {
  const client = new S3Client({ region, credentials: instanceCredentials, maxAttempts: 3 });
  return {
    async begin(Key) {
      const { UploadId = '' } = await client.send(
        new CreateMultipartUploadCommand({ Bucket, Key, ContentType: 'video/mp4' }),
      );
      return UploadId;
    },
    async part(Key, UploadId, PartNumber, Body) {
      const { ETag = '' } = await client.send(
        new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }),
      );
      return ETag;
    },
    async complete(Key, UploadId, etags) {
      const Parts = etags.map((ETag, index) => ({ ETag, PartNumber: index + 1 }));
      await client.send(
        new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }),
      );
    },
  };
}
