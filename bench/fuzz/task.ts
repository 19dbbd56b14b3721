import { z } from 'zod';

/** The ways in that participants have. */
export const CHANNELS = ['bosh', 'websocket', 'conference', 'page'] as const;
export type Channel = (typeof CHANNELS)[number];

const Target = z.object({
  domain: z.string(),
  /** The room that the token is for. */
  room: z.string(),
  token: z.string(),
  /** The load balancer, and the authority that signed its certificate (PEM). */
  balancer: z.object({ address: z.string(), port: z.number(), authority: z.string() }),
});
export type Target = z.infer<typeof Target>;

/** What the process that sends inputs is started with, as JSON in its first argument. */
export const Attack = z.object({
  target: Target,
  channel: z.enum(CHANNELS),
  seed: z.number(),
  seconds: z.number(),
  /** How many inputs are under way at a time, each from an address of its own. */
  lanes: z.number(),
});
export type Attack = z.infer<typeof Attack>;

/** What it answers at its end: how often which answer came. */
export const Attacked = z.object({ inputs: z.number(), answers: z.record(z.string(), z.number()) });
export type Attacked = z.infer<typeof Attacked>;

/** What the process of the innocent participants is started with. */
export const Meeting = z.object({ target: Target, newcomerEverySeconds: z.number() });
export type Meeting = z.infer<typeof Meeting>;

/** What it answers to each line on its standard input: what happened since the line before. */
export const Met = z.object({
  /** Milliseconds until a newcomer was in the room, of each who came in. */
  joins: z.array(z.number()),
  failures: z.array(z.string()),
  /** How often a participant who stays lost its connection. */
  lost: z.number(),
});
export type Met = z.infer<typeof Met>;
