import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { log, sentence } from '../log.js';
import type { Bucket } from './bucket.js';
import { type RecordedFile, recordedFiles } from './recorded-files.js';
import { type Upload, type UploadStep, uploadStep } from './upload-step.js';

/** Milliseconds for which uploads of a recording may fail until it counts as not uploaded. */
const PATIENCE = 2 * 60_000;

const SavedUpload = z.strictObject({
  key: z.string(),
  id: z.string(),
  parts: z.array(z.strictObject({ size: z.int().positive(), etag: z.string() })),
});

export interface Uploads {
  /** Uploads what can be uploaded now. Rejects after it tried all recordings if one failed. */
  round(busy: boolean): Promise<void>;
  /** Recordings on the disk, whole or not. */
  pending(): number;
  /** Recordings that could not be uploaded for minutes. */
  failing(now: number): number;
}

export interface UploadsProps {
  /** Folder in which Jibri writes recordings. */
  readonly recordings: string;
  /** Folder for the state of uploads. */
  readonly state: string;
  readonly bucket: Bucket;
  /** Key of a recording in the bucket. */
  readonly key: (file: RecordedFile) => string;
}

/** Uploads recordings while they are written, and removes them from the disk once they are in the bucket. */
export function uploads({ recordings, state, bucket, key }: UploadsProps): Uploads {
  let pending = 0;
  const failingSince = new Map<string, number>();

  async function upload(file: RecordedFile, busy: boolean): Promise<void> {
    for (;;) {
      const saved = await read(file.session);
      const step = uploadStep(file, saved, busy, Date.now());
      if (step.kind === 'wait') return;
      await take(step, file, saved);
      if (step.kind === 'complete' || step.kind === 'remove') return;
    }
  }

  async function take(step: UploadStep, file: RecordedFile, saved: Upload | undefined): Promise<void> {
    if (step.kind === 'begin') {
      const name = key(file);
      await save(file.session, { key: name, id: await bucket.begin(name), parts: [] });
    }
    if (step.kind === 'part' && saved) {
      const bytes = await readBytes(file.path, step.from, step.size);
      const etag = await bucket.part(saved.key, saved.id, saved.parts.length + 1, bytes);
      await save(file.session, { ...saved, parts: [...saved.parts, { size: step.size, etag }] });
    }
    if (step.kind === 'complete' && saved) {
      const etags = saved.parts.map(({ etag }) => etag);
      await bucket.complete(saved.key, saved.id, etags);
      log.info(`uploaded a recording of ${Math.round(file.size / 2 ** 20)} MiB`);
    }
    if (step.kind === 'complete' || step.kind === 'remove') {
      await rm(dirname(file.path), { recursive: true, force: true });
      await rm(stateFile(file.session), { force: true });
    }
  }

  const stateFile = (session: string) => join(state, `${session}.json`);

  async function read(session: string): Promise<Upload | undefined> {
    const text = await readFile(stateFile(session), 'utf8').catch(() => undefined);
    return text === undefined ? undefined : SavedUpload.parse(JSON.parse(text));
  }

  async function save(session: string, upload: Upload): Promise<void> {
    await mkdir(state, { recursive: true });
    await writeFile(`${stateFile(session)}.new`, JSON.stringify(upload));
    await rename(`${stateFile(session)}.new`, stateFile(session));
  }

  return {
    async round(busy) {
      const files = await recordedFiles(recordings);
      pending = files.length;
      const failures: string[] = [];
      for (const file of files) {
        await upload(file, busy).then(
          () => failingSince.delete(file.session),
          (error: unknown) => {
            failures.push(sentence(error));
            if (!failingSince.has(file.session)) failingSince.set(file.session, Date.now());
          },
        );
      }
      for (const session of failingSince.keys())
        if (!files.some((file) => file.session === session)) failingSince.delete(session);
      if (failures.length > 0) throw new Error([...new Set(failures)].join(' '));
      pending = (await recordedFiles(recordings)).length;
    },
    pending: () => pending,
    failing: (now) => [...failingSince.values()].filter((since) => now - since >= PATIENCE).length,
  };
}

async function readBytes(path: string, from: number, size: number): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const bytes = Buffer.alloc(size);
    const { bytesRead } = await file.read(bytes, 0, size, from);
    if (bytesRead < size) throw new Error(`${path} became shorter while it was read`);
    return bytes;
  } finally {
    await file.close();
  }
}
