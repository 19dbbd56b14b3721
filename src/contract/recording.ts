import { createHash } from 'node:crypto';
import { z } from 'zod';
import { roomKey } from './room.js';

/** Who may record and stream a meeting: its moderators, or all participants. */
export const RECORDED_BY = ['moderators', 'everyone'] as const;
export type RecordedBy = (typeof RECORDED_BY)[number];

/** A shard's part in recordings: who may start one, and the secret for the accounts with which recorders log in. */
export const ShardRecording = z.strictObject({
  /** Secrets Manager secret with the seed of the recorders' passwords. */
  secret: z.string(),
  who: z.enum(RECORDED_BY),
  /** Number of recorders that are to wait for the next recording while anybody meets. */
  ready: z.int().min(1),
});
export type ShardRecording = z.infer<typeof ShardRecording>;

/** Every recording is an object with this prefix in the deployment's bucket. Recorders may write nothing else. */
export const RECORDINGS_PREFIX = 'recordings/';

/**
 * The user agent of a recorder's browser. It has no invitation: it shows its pass in the header `User-Agent`, the only one that a
 * browser sends with every request and that its command line sets.
 */
export const recorderUserAgent = (browser: string, pass: string): string =>
  `${browser} convoke-recorder/${pass}`;

/** A recording in the bucket. */
export interface Recording {
  /** When it began. */
  readonly began: Date;
  /** The first 12 digits of the SHA-256 of the room's key: recordings of one room have the same. */
  readonly room: string;
  /** EC2 instance that recorded it. */
  readonly instanceId: string;
  /** Name of the room, only with `diagnostics: full`. Other characters than letters and digits are hyphens. */
  readonly name?: string | undefined;
}

const KEY =
  /^recordings\/(\d{4})\/(\d\d)\/(\d\d)\/(\d\d)(\d\d)(\d\d)-([0-9a-f]{12})-(i-[0-9a-f]+)(?:-(.+))?\.mp4$/;

/** Key of a recording: `recordings/2026/12/04/093000-0123456789ab-i-0abc.mp4`, in UTC. */
export function recordingKey({ began, room, instanceId, name }: Recording): string {
  const [date = '', time = ''] = began.toISOString().split('T');
  const clock = time.slice(0, 8).replaceAll(':', '');
  const named = name === undefined ? '' : `-${name}`;
  return `${RECORDINGS_PREFIX}${date.replaceAll('-', '/')}/${clock}-${room}-${instanceId}${named}.mp4`;
}

/** Undefined for an object that was not recorded. */
export function parseRecordingKey(key: string): Recording | undefined {
  const found = KEY.exec(key);
  if (!found) return undefined;
  const [, year, month, day, hours, minutes, seconds, room = '', instanceId = '', name] = found;
  const began = new Date(`${year}-${month}-${day}T${hours}:${minutes}:${seconds}Z`);
  return Number.isNaN(began.getTime()) ? undefined : { began, room, instanceId, ...(name && { name }) };
}

/** The room's part of a key. */
export const roomHash = (room: string): string =>
  createHash('sha256').update(roomKey(room)).digest('hex').slice(0, 12);

/** The room's name as a part of a key. */
export const roomInKey = (room: string): string =>
  decoded(room)
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .slice(0, 60);

function decoded(room: string): string {
  try {
    return decodeURIComponent(room);
  } catch {
    return room;
  }
}
