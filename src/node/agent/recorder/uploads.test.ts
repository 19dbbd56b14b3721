import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Bucket } from './bucket.js';
import { PART } from './upload-step.js';
import { uploads } from './uploads.js';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'uploads-'));
  file = join(folder, 'recordings/session/standup_2026-12-04-09-30-05.mp4');
  mkdirSync(join(folder, 'recordings/session'), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A bucket in memory. */
class Memory implements Bucket {
  readonly parts: number[] = [];
  object: number[] | undefined;
  isDown = false;
  async begin() {
    return 'upload';
  }
  async part(_key: string, _id: string, number: number, bytes: Uint8Array) {
    if (this.isDown) throw new Error('AccessDenied');
    this.parts[number - 1] = bytes.byteLength;
    return `etag ${number}`;
  }
  async complete(_key: string, _id: string, etags: readonly string[]) {
    expect(etags).toEqual(this.parts.map((_, index) => `etag ${index + 1}`));
    this.object = [...this.parts];
  }
}

const agent = (bucket: Bucket) =>
  uploads({
    recordings: join(folder, 'recordings'),
    state: join(folder, 'state'),
    bucket,
    key: ({ room, began }) => `${began.toISOString()} ${room}`,
  });
const bytes = (count: number) => Buffer.alloc(count);

it('a recording is uploaded while it grows, also by an agent that was restarted, and removed at its end', async () => {
  const bucket = new Memory();
  writeFileSync(file, bytes(PART + 10));
  await agent(bucket).round(true);
  expect(bucket.parts).toEqual([PART]);
  appendFileSync(file, bytes(PART));
  const restarted = agent(bucket);
  await restarted.round(true);
  expect(bucket.parts).toEqual([PART, PART]);
  expect(restarted.pending()).toBe(1);
  writeFileSync(join(file, '../metadata.json'), '{}');
  await restarted.round(false);
  expect(bucket.object).toEqual([PART, PART, 10]);
  expect(existsSync(join(file, '..'))).toBe(false);
  expect(restarted.pending()).toBe(0);
});

it('what a killed Jibri left is uploaded once it has not grown for ten seconds', async () => {
  const bucket = new Memory();
  writeFileSync(file, bytes(10));
  const uploading = agent(bucket);
  await uploading.round(false);
  expect(bucket.object).toBeUndefined();
  const before = new Date(Date.now() - 11_000);
  utimesSync(file, before, before);
  await uploading.round(false);
  expect(bucket.object).toEqual([10]);
});

it('while the bucket refuses, a recording stays on the disk, and counts as not uploaded after two minutes', async () => {
  const bucket = new Memory();
  bucket.isDown = true;
  writeFileSync(file, bytes(PART));
  const uploading = agent(bucket);
  await expect(uploading.round(true)).rejects.toThrow('AccessDenied');
  expect(uploading.failing(Date.now() + 119_000)).toBe(0);
  expect(uploading.failing(Date.now() + 121_000)).toBe(1);
  expect(existsSync(file)).toBe(true);
  bucket.isDown = false;
  await uploading.round(true);
  expect(uploading.failing(Date.now() + 121_000)).toBe(0);
  expect(bucket.parts).toEqual([PART]);
});
