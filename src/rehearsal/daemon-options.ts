import { z } from 'zod';

/** What the daemon is started with, as JSON in its first argument. */
export const DaemonOptions = z.object({
  home: z.string(),
  region: z.string(),
  ports: z.object({ aws: z.number(), web: z.number() }),
  /** False: the control plane only. */
  machines: z.boolean(),
  /** Folder of .deb files to prepare the machines' image with; unset: machines start as bare Debian. */
  prepare: z.string().optional(),
});
export type DaemonOptions = z.infer<typeof DaemonOptions>;
