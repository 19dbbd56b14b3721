import type { RecordedFile } from './recorded-files.js';

/**
 * Bytes of a part: the least that S3 accepts, as what is not uploaded is lost with the machine. About half a minute of a
 * meeting. S3 accepts 10 000 parts, which are more than a disk holds.
 */
export const PART = 5 * 2 ** 20;

/** Milliseconds without a change after which a file counts as complete, once Jibri records nothing. */
const SETTLED = 10_000;
/** The same while Jibri records another meeting. FFmpeg writes every two seconds. */
const SETTLED_WHILE_BUSY = 60_000;

/** What has been uploaded of one recording. Saved after each step, so that a restarted agent goes on. */
export interface Upload {
  readonly key: string;
  /** S3's id of the upload. */
  readonly id: string;
  /** Parts in order: bytes and S3's ETag. */
  readonly parts: readonly { readonly size: number; readonly etag: string }[];
}

export type UploadStep =
  /** Nothing to do yet. */
  | { readonly kind: 'wait' }
  | { readonly kind: 'begin' }
  /** Upload bytes of the file, from `from` on. */
  | { readonly kind: 'part'; readonly from: number; readonly size: number }
  /** Make the uploaded parts an object. */
  | { readonly kind: 'complete' }
  /** Remove the recording from the disk. */
  | { readonly kind: 'remove' };

/** The next step of uploading a recording while it is being written. `busy`: whether Jibri records anything. */
export function uploadStep(
  file: RecordedFile,
  upload: Upload | undefined,
  busy: boolean,
  now: number,
): UploadStep {
  const ended = file.hasEnded || now - file.writtenAt >= (busy ? SETTLED_WHILE_BUSY : SETTLED);
  if (file.size === 0) return { kind: ended ? 'remove' : 'wait' };
  if (!upload) return { kind: 'begin' };
  const from = upload.parts.reduce((sum, { size }) => sum + size, 0);
  const left = file.size - from;
  if (left >= PART) return { kind: 'part', from, size: PART };
  if (!ended) return { kind: 'wait' };
  return left > 0 ? { kind: 'part', from, size: left } : { kind: 'complete' };
}
