import { z } from 'zod';

/** The process's task, as JSON in its first argument. */
export const Task = z.object({
  domain: z.string(),
  rooms: z.array(z.string()),
  /** Number of participants per room, who join one after the other. */
  participants: z.number(),
  /** Number of rooms that are filled at the same time. */
  lanes: z.number(),
  /** The load balancer, and the authority of its certificate. Unset: Prosody itself, on loopback. */
  balancer: z.object({ address: z.string(), port: z.number(), authority: z.string() }).optional(),
});
export type Task = z.infer<typeof Task>;

export const Answer = z.object({
  /** Milliseconds from opening the connection until a participant is in the room with the focus, for each that joined. */
  joins: z.array(z.number()),
  /** Errors of those that did not. */
  failures: z.array(z.string()),
  /** Milliseconds of processor time of the participants until all had joined. */
  cpu: z.number(),
  /** Their memory in bytes. */
  memory: z.number(),
});
export type Answer = z.infer<typeof Answer>;
