import { z } from 'zod';

/** Who may record and stream a meeting: its moderators, or all participants. */
export const RECORDED_BY = ['moderators', 'everyone'] as const;
export type RecordedBy = (typeof RECORDED_BY)[number];

/** A shard's part in recordings: who may start one, and the secret for the accounts with which recorders log in. */
export const ShardRecording = z.strictObject({
  /** Secrets Manager secret with the seed of the recorders' passwords. */
  secret: z.string(),
  who: z.enum(RECORDED_BY),
});
export type ShardRecording = z.infer<typeof ShardRecording>;

/** Every recording is an object with this prefix in the deployment's bucket. Recorders may write nothing else. */
export const RECORDINGS_PREFIX = 'recordings/';
