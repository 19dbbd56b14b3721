import { z } from 'zod';
import { ReleaseState } from './release.js';

/**
 * What a deployment's stack says while its machines are being replaced, as JSON in its output `Roll`. Without the
 * output, each group launches the newest version of its launch template.
 */
export const Roll = z.strictObject({
  /**
   * `rolling`: the groups are replacing their machines, one group after the other. `undone`: the new machines did not
   * work, and all groups launch what they launched before.
   */
  state: z.enum(['rolling', 'undone']),
  /** The version of the launch template that each group launched before, by name of the group. */
  from: z.record(z.string(), z.string().regex(/^\d+$/)),
  /** The releases before. */
  before: ReleaseState.optional(),
  /** Why it was undone, a sentence. */
  why: z.string().optional(),
});
export type Roll = z.infer<typeof Roll>;

/** The value of the stack's output. */
export function parseRoll(text: string | undefined): Roll | undefined {
  try {
    return Roll.safeParse(JSON.parse(text ?? '')).data;
  } catch {
    return undefined;
  }
}
