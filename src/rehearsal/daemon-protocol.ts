import { z } from 'zod';

/** Options of the daemon, as JSON in its first argument. */
export const DaemonOptions = z.object({
  home: z.string(),
  region: z.string(),
  ports: z.object({ aws: z.number(), web: z.number() }),
  /** False: control plane only. */
  machines: z.boolean(),
  /** Folder of .deb files for the machines' prepared image; unset: machines start from plain Debian. */
  prepare: z.string().optional(),
});
export type DaemonOptions = z.infer<typeof DaemonOptions>;

/** Stages of a cloud's start, in order; the daemon writes the keys into its log. */
export const STAGES = {
  emulator: 'Install the emulator of AWS',
  debian: 'Create an image of Debian 13 for the machines',
  packages: 'Install the packages into the image',
  network: 'Create a network for the machines',
  'control-plane': 'Start the emulator of AWS',
} as const;

export type Stage = keyof typeof STAGES;

export const isStage = (word: string): word is Stage => Object.hasOwn(STAGES, word);
