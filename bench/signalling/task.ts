import { z } from 'zod';

/** What the process is started with, as JSON in its first argument. */
export const Task = z.object({
  domain: z.string(),
  rooms: z.array(z.string()),
  /** How many come to each room, one after the other. */
  people: z.number(),
  /** How many rooms are filled at the same time. */
  lanes: z.number(),
  /** The load balancer, and who signed its certificate. Unset: Prosody itself, on loopback. */
  balancer: z.object({ address: z.string(), port: z.number(), authority: z.string() }).optional(),
});
export type Task = z.infer<typeof Task>;

export const Answer = z.object({
  /** Milliseconds from opening the connection to being in the room with the focus, of each who came in. */
  joins: z.array(z.number()),
  /** What those met who did not. */
  failures: z.array(z.string()),
  /** Milliseconds of processor time that the people took until all were in. */
  cpu: z.number(),
  /** Bytes of memory that they take. */
  memory: z.number(),
});
export type Answer = z.infer<typeof Answer>;
