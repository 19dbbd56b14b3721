import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** Faults of EC2 and ACM, which the emulator reads at each tick. */
export const CloudFaults = z.object({
  /** What EC2 has no capacity for: availability zones, instance types, `spot` or `on-demand`. */
  insufficient_capacity: z.array(z.string()).default([]),
  /** Spot instances that EC2 interrupts, with seconds of notice. */
  interruptions: z.record(z.string(), z.number().nonnegative()).default({}),
  /** Seconds from the launch of a machine until it starts, as on EC2. */
  launch_seconds: z.number().nonnegative().default(0),
  /** Certificates that ACM reports as expiring, with days. */
  expiring: z.array(z.tuple([z.string(), z.number().int()])).default([]),
});
export type CloudFaults = z.infer<typeof CloudFaults>;

/** Atomically changes the faults in a run folder. */
export function changeFaults(run: string, change: (now: CloudFaults) => CloudFaults): void {
  const file = join(run, 'faults.json');
  const now = CloudFaults.parse(existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {});
  writeFileSync(`${file}.new`, JSON.stringify(change(now)));
  renameSync(`${file}.new`, file);
}
