import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** What EC2 itself is short of, and what ACM tells; the fleet reads it at each of its ticks. */
export const CloudFaults = z.object({
  /** Of what EC2 has none to give: names of zones, instance types, `spot` or `on-demand`. */
  insufficient_capacity: z.array(z.string()).default([]),
  /** Spot machines that EC2 takes back, and after how many seconds of notice. */
  interruptions: z.record(z.string(), z.number().nonnegative()).default({}),
  /** How long a machine takes from its launch until it starts, which on EC2 is a while: seconds. */
  launch_seconds: z.number().nonnegative().default(0),
  /** Certificates that ACM tells to end, and in how many days. */
  expiring: z.array(z.tuple([z.string(), z.number().int()])).default([]),
});
export type CloudFaults = z.infer<typeof CloudFaults>;

/** Changes the faults of the cloud in a run folder, whole or not at all. */
export function changeFaults(run: string, change: (now: CloudFaults) => CloudFaults): void {
  const file = join(run, 'faults.json');
  const now = CloudFaults.parse(existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {});
  writeFileSync(`${file}.new`, JSON.stringify(change(now)));
  renameSync(`${file}.new`, file);
}
