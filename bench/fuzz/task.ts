import { z } from 'zod';

/** The channels over which participants connect. */
export const CHANNELS = ['bosh', 'websocket', 'conference', 'page'] as const;
export type Channel = (typeof CHANNELS)[number];

const Target = z.object({
  domain: z.string(),
  /** The room of the token. */
  room: z.string(),
  token: z.string(),
  /** The load balancer, and the authority that signed its certificate (PEM). */
  balancer: z.object({ address: z.string(), port: z.number(), authority: z.string() }),
});
export type Target = z.infer<typeof Target>;

/** Task of the process that sends inputs, as JSON in its first argument. */
export const Attack = z.object({
  target: Target,
  channel: z.enum(CHANNELS),
  seed: z.number(),
  seconds: z.number(),
  /** Number of concurrent inputs, each from its own address. */
  lanes: z.number(),
});
export type Attack = z.infer<typeof Attack>;

/** Its result: the number of each answer. */
export const Attacked = z.object({ inputs: z.number(), answers: z.record(z.string(), z.number()) });
export type Attacked = z.infer<typeof Attacked>;

/** Task of the process with the other participants. */
export const Meeting = z.object({ target: Target, newcomerEverySeconds: z.number() });
export type Meeting = z.infer<typeof Meeting>;

/** Its answer to each line on its standard input: events since the previous line. */
export const Met = z.object({
  /** Milliseconds until a new participant was in the room, for each that joined. */
  joins: z.array(z.number()),
  failures: z.array(z.string()),
  /** Number of connections that the staying participants lost. */
  lost: z.number(),
});
export type Met = z.infer<typeof Met>;
