import { createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Account } from '../cloud/account.js';
import { runningInstances } from '../cloud/machines.js';
import {
  completeUpload,
  deleteRecordings,
  linkToRecording,
  openRecording,
  recordingsBucket,
  type StoredRecording,
  storedRecordings,
  type UnfinishedUpload,
  unfinishedUploads,
} from '../cloud/recordings.js';
import type { Deployment } from '../config/deployment.js';
import { printable } from '../config/sentences.js';
import { ConvokeError } from '../contract/errors.js';
import { parseRecordingKey, RECORDINGS_PREFIX, type Recording } from '../contract/recording.js';

/**
 * `stored`: a whole file. `recording`: a recorder uploads it. `interrupted`: its recorder is gone; what was uploaded can be
 * had like a file.
 */
export type RecordingState = 'stored' | 'recording' | 'interrupted';

export interface ListedRecording extends Recording {
  /** What `recordings` calls it: the key without its prefix and its type. */
  readonly id: string;
  readonly key: string;
  readonly bytes: number;
  readonly state: RecordingState;
}

type Of = Pick<Deployment, 'name'>;

/** The recordings in a bucket, the newest first. Throws `NoRecordingsBucket`. */
export async function recordings(
  account: Account,
  deployment: Of,
): Promise<{ bucket: string; list: ListedRecording[]; unfinished: UnfinishedUpload[] }> {
  const bucket = await recordingsBucket(account, deployment.name);
  const stored = await storedRecordings(account, bucket);
  if (!stored) throw noBucket(deployment.name);
  const [unfinished, running] = await Promise.all([
    unfinishedUploads(account, bucket),
    runningInstances(account, deployment.name),
  ]);
  return { bucket, unfinished, list: listed(stored, unfinished, new Set(running)) };
}

/** `running`: ids of the machines that run. */
export function listed(
  stored: readonly StoredRecording[],
  unfinished: readonly UnfinishedUpload[],
  running: ReadonlySet<string>,
): ListedRecording[] {
  const one = (key: string, bytes: number, state: (recording: Recording) => RecordingState) => {
    const recording = parseRecordingKey(key);
    if (!recording) return [];
    const id = key.slice(RECORDINGS_PREFIX.length, -'.mp4'.length);
    return [{ ...recording, id, key, bytes, state: state(recording) }];
  };
  return [
    ...stored.flatMap(({ key, bytes }) => one(key, bytes, () => 'stored')),
    ...unfinished.flatMap(({ key, parts }) =>
      one(
        key,
        parts.reduce((sum, { bytes }) => sum + bytes, 0),
        ({ instanceId }) => (running.has(instanceId) ? 'recording' : 'interrupted'),
      ),
    ),
  ].sort((a, b) => b.began.getTime() - a.began.getTime());
}

/** The recording that is meant: `latest`, or a part of its id that no other has. Throws `NoSuchRecording`. */
export function selectRecording(wanted: string, list: readonly ListedRecording[]): ListedRecording {
  const meant = wanted === 'latest' ? list.slice(0, 1) : list.filter(({ id }) => id.includes(wanted));
  const [only] = meant;
  if (only && meant.length === 1) return only;
  throw new ConvokeError('NoSuchRecording', {
    what: only
      ? `"${printable(wanted)}" is ${meant.length} recordings.`
      : `No recording is "${printable(wanted)}".`,
    why:
      list.length === 0
        ? 'There are no recordings.'
        : `There are: ${(only ? meant : list)
            .slice(0, 5)
            .map(({ id }) => id)
            .join(', ')}${(only ? meant : list).length > 5 ? ', …' : ''}.`,
    now: 'Name one by its id or a part of it that no other has, or "latest".',
    fault: 'user',
  });
}

/** A recording that can be read: that of a recorder that is gone becomes a file first. */
async function readable(account: Account, deployment: Of, wanted: string) {
  const { bucket, list, unfinished } = await recordings(account, deployment);
  const recording = selectRecording(wanted, list);
  if (recording.state === 'recording') throw goesOn(recording.id);
  if (recording.state === 'interrupted') {
    const upload = unfinished.find(({ key }) => key === recording.key);
    if (!upload || upload.parts.length === 0) throw nothingUploaded(recording.id);
    await completeUpload(account, bucket, upload);
  }
  return { bucket, recording };
}

/**
 * Downloads a recording to a file, which appears when it is whole. Throws `FileExists`, and what {@link selectRecording}
 * throws.
 */
export async function downloadRecording(
  account: Account,
  deployment: Of,
  wanted: string,
  to: string | undefined,
): Promise<{ recording: ListedRecording; file: string }> {
  const { bucket, recording } = await readable(account, deployment, wanted);
  const file = to ?? `${recording.id.replaceAll('/', '-')}.mp4`;
  if (await stat(file).catch(() => undefined)) {
    throw new ConvokeError('FileExists', {
      what: `${printable(file)} exists already.`,
      now: 'Name another file with --to, or remove this one.',
      fault: 'user',
    });
  }
  const draft = `${file}.part`;
  try {
    const bytes = await openRecording(account, bucket, recording.key);
    await pipeline(Readable.from(bytes), createWriteStream(draft));
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  return { recording, file };
}

/** S3 refuses links that are valid for longer. */
export const MOST_LINK_HOURS = 7 * 24;

/** An address from which anybody who has it can download a recording for some hours. */
export async function linkRecording(
  account: Account,
  deployment: Of,
  wanted: string,
  hours: number,
): Promise<{ recording: ListedRecording; url: string; until: Date }> {
  const { bucket, recording } = await readable(account, deployment, wanted);
  const url = await linkToRecording(account, bucket, recording.key, hours * 3600);
  return { recording, url, until: new Date(account.clock.now().getTime() + hours * 3_600_000) };
}

/** Deletes a recording for good. */
export async function deleteRecording(
  account: Account,
  deployment: Of,
  wanted: string,
): Promise<ListedRecording> {
  const { bucket, recording } = await readable(account, deployment, wanted);
  await deleteRecordings(account, bucket, [recording.key]);
  return recording;
}

const noBucket = (deployment: string) =>
  new ConvokeError('NoRecordingsBucket', {
    what: `${deployment} has no bucket of recordings.`,
    why: 'It is created by "convoke up" with "recording" in the file.',
    now: 'Add "recording: {max: 1}" to the file and run "convoke up".',
    fault: 'user',
  });

const goesOn = (id: string) =>
  new ConvokeError('RecordingGoesOn', {
    what: `${id} is still being recorded or uploaded.`,
    now: 'Run the same command again when the recording has ended.',
    fault: 'user',
  });

const nothingUploaded = (id: string) =>
  new ConvokeError('NothingUploaded', {
    what: `Nothing of ${id} is in the bucket.`,
    why: 'Its recorder failed before the first 5 MiB were uploaded.',
    now: 'It is removed with the other old recordings; there is nothing to do.',
    fault: 'user',
  });
