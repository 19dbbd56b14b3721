import { z } from 'zod';
import { RECORDED_BY } from '../contract/recording.js';
import type { Architecture, Recording } from './deployment.js';
import { instanceType } from './instance-type.js';
import type { Remark } from './remark.js';

/** Each recorder logs in at every shard, and is a machine of four processors. */
const MOST_RECORDERS = 50;

const wholeNumber = (least: number, message: string) =>
  z.int().min(least, message).max(MOST_RECORDERS, `must be at most ${MOST_RECORDERS}`);

/** `recording` of `convoke.yaml`. */
export const RecordingInFile = z
  .strictObject({
    max: wholeNumber(1, 'must be at least 1').describe(
      'Maximum number of recorders. Each records or streams one meeting at a time.',
    ),
    ready: wholeNumber(1, 'must be at least 1: a recorder takes minutes to start')
      .default(1)
      .describe(
        'Number of idle recorders while anybody is in a meeting. Default: 1. When nobody is, no recorder runs.',
      ),
    keep: z
      .string()
      .regex(/^([1-9]\d{0,3}d|forever)$/, 'must be a number of days such as "30d", or "forever"')
      .default('30d')
      .describe('How long recordings are kept: days such as "30d" (default), or "forever".'),
    who: z
      .enum(RECORDED_BY, 'must be "moderators" or "everyone"')
      .default('moderators')
      .describe('Who may record and stream a meeting: its "moderators" (default), or "everyone" in it.'),
    type: instanceType
      .optional()
      .describe(
        'EC2 instance type of a recorder. Default: c7g.xlarge (arm64) or c7i.xlarge (amd64), 4 vCPU and 8 GiB, or the previous generation in regions without them.',
      ),
  })
  .describe(
    'Recording to files and streaming, by machines that start when somebody meets. Recordings are in a bucket that "down" keeps.',
  );
export type RecordingInFile = z.infer<typeof RecordingInFile>;

/** A recorder encodes 1080p in software, beside the browser that shows the meeting: 4 vCPU. */
const DEFAULT_TYPE: Readonly<Record<Architecture, string>> = { arm64: 'c7g.xlarge', amd64: 'c7i.xlarge' };

/** The previous generation, for regions without the default type, as for bridges. */
const OLDER_TYPE: Readonly<
  Record<Architecture, { readonly type: string; readonly regions: readonly string[] }>
> = {
  arm64: { type: 'c6g.xlarge', regions: ['ap-southeast-4', 'me-central-1'] },
  amd64: { type: 'c6i.xlarge', regions: ['me-south-1'] },
};

export function recording(
  { keep, type, ...given }: RecordingInFile,
  architecture: Architecture,
  region: string,
): Recording {
  const older = OLDER_TYPE[architecture];
  return {
    ...given,
    ...(keep !== 'forever' && { keepDays: Number(keep.slice(0, -1)) }),
    type: type ?? (older.regions.includes(region) ? older.type : DEFAULT_TYPE[architecture]),
  };
}

/** Finds settings that are valid alone but not together. */
export function recordingContradictions(given: RecordingInFile | undefined): Remark[] {
  if (!given || given.ready <= given.max) return [];
  return [
    {
      keys: ['recording', 'ready'],
      message: `recording.ready ${given.ready} is more than recording.max ${given.max}.`,
    },
  ];
}
