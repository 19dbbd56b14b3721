import { expect, it } from 'vitest';
import type { RecordedFile } from './recorded-files.js';
import { PART, type Upload, uploadStep } from './upload-step.js';

const NOW = 1_000_000;
const file = (size: number, changes: Partial<RecordedFile> = {}): RecordedFile => ({
  session: 's',
  path: '/r/s/room.mp4',
  room: 'room',
  began: new Date(0),
  size,
  writtenAt: NOW,
  hasEnded: false,
  ...changes,
});
const uploaded = (...sizes: number[]): Upload => ({
  key: 'k',
  id: 'u',
  parts: sizes.map((size) => ({ size, etag: 'e' })),
});

it.each([
  ['an empty file waits for its first bytes', file(0), undefined, true, { kind: 'wait' }],
  ['an upload begins with the first bytes', file(10), undefined, true, { kind: 'begin' }],
  ['less than a part waits', file(PART + 5), uploaded(PART), true, { kind: 'wait' }],
  [
    'a whole part is uploaded while it is recorded',
    file(2 * PART + 5),
    uploaded(PART),
    true,
    { kind: 'part', from: PART, size: PART },
  ],
  [
    'the rest follows at the end',
    file(PART + 5, { hasEnded: true }),
    uploaded(PART),
    false,
    { kind: 'part', from: PART, size: 5 },
  ],
  ['then it is complete', file(PART + 5, { hasEnded: true }), uploaded(PART, 5), false, { kind: 'complete' }],
  [
    'of a recorder that was killed',
    file(5, { writtenAt: NOW - 10_000 }),
    uploaded(),
    false,
    { kind: 'part', from: 0, size: 5 },
  ],
  [
    'of one that was killed and records again',
    file(5, { writtenAt: NOW - 30_000 }),
    uploaded(),
    true,
    { kind: 'wait' },
  ],
  [
    'after a minute',
    file(5, { writtenAt: NOW - 60_000 }),
    uploaded(),
    true,
    { kind: 'part', from: 0, size: 5 },
  ],
  ['nothing was recorded', file(0, { hasEnded: true }), undefined, false, { kind: 'remove' }],
] as const)('%s', (_, seen, upload, busy, step) => {
  expect(uploadStep(seen, upload, busy, NOW)).toEqual(step);
});
