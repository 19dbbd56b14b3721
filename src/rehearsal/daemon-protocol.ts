import { z } from 'zod';

/** What is installed into the image that machines start from. */
export const Prepared = z.object({
  /** Folder of .deb files. */
  packages: z.string(),
  /** Whether recorders start from it, too: what they need is as large as all the rest. */
  recorder: z.boolean(),
});
export type Prepared = z.infer<typeof Prepared>;

/** Options of the daemon, as JSON in its first argument. */
export const DaemonOptions = z.object({
  home: z.string(),
  region: z.string(),
  ports: z.object({ aws: z.number(), web: z.number() }),
  /** False: control plane only. */
  machines: z.boolean(),
  /** Unset: machines start from plain Debian. */
  prepare: Prepared.optional(),
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
