import { z } from 'zod';

/** Language of mails. */
export const LANGUAGES = ['en', 'de'] as const;
export type Language = (typeof LANGUAGES)[number];

/** The alarms that send mail. Each has one cause. */
export const ALARMS = [
  'no-shard',
  'errors',
  'balancer-errors',
  'bridges-full',
  'no-bridges',
  'ice-failures',
  'loss',
  'jicofo-restarted',
  'recordings',
  'disk',
  'memory',
  'updates',
] as const;
export type Alarm = (typeof ALARMS)[number];

/** The alarms about alerts themselves, which CloudWatch publishes to the topic without the function. */
export const DIRECT_ALARMS = ['not-invoked', 'failing', 'undelivered'] as const;

/** The handler of the function, in its bundle. */
export const ALERTS_HANDLER = 'index.handler';

/** Environment variable with the function's settings, as JSON. */
export const SETTINGS_VARIABLE = 'CONVOKE_ALERTS';

/** Settings of the function that sends mail. */
export const AlertSettings = z.object({
  deployment: z.string(),
  domain: z.string(),
  region: z.string(),
  language: z.enum(LANGUAGES),
  /** Auto Scaling groups of shards, by name. */
  shards: z.array(z.string()),
  /** Auto Scaling group of the bridges, if there is one. */
  bridges: z.string().optional(),
  /** Auto Scaling group of the recorders, if there is one. */
  recorders: z.string().optional(),
  /** ARN of the target group in which shards serve. */
  targetGroup: z.string(),
  /** When the deployment is open, and the rule of the load balancer that shows another page while it is closed. */
  hours: z
    .object({
      open: z.array(z.object({ days: z.string(), from: z.string(), until: z.string() })),
      timezone: z.string(),
      rule: z.string(),
    })
    .optional(),
  topic: z.string(),
  /** Name of the parameter that keeps the log of events. */
  log: z.string(),
  /** ARN of the secret with the addresses of webhooks, one on each line, if there are any. */
  webhooks: z.string().optional(),
  /** Whether AWS issued the certificate for this deployment; otherwise it is the user's own. */
  ownCertificate: z.boolean(),
});
export type AlertSettings = z.infer<typeof AlertSettings>;

const happened = { id: z.string(), at: z.iso.datetime() };
const inGroup = { ...happened, group: z.string() };
const machine = { ...inGroup, machine: z.string() };

/** Something that mail may be about, read from an event. `at`: when it happened. */
export const Occurrence = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('check'), ...happened }),
  /** A machine was replaced because it failed. */
  z.object({ kind: z.literal('lost'), ...machine, zone: z.string(), cause: z.string() }),
  /** A machine was launched; `replacement`: Auto Scaling says that it is in place of a failed one. */
  z.object({ kind: z.literal('launched'), ...machine, zone: z.string(), replacement: z.boolean() }),
  /** `machine`: unless AWS refused to launch one, the one that did not complete its launch, and is terminated. */
  z.object({
    kind: z.literal('launch-failed'),
    ...inGroup,
    machine: z.string().optional(),
    zone: z.string(),
    cause: z.string(),
  }),
  /** The load balancer sends requests to a shard's new machine. */
  z.object({ kind: z.literal('serves'), ...machine }),
  /** A shard's new machine does not serve although it had time to. */
  z.object({ kind: z.literal('silent'), ...machine }),
  z.object({ kind: z.literal('alarm'), ...happened, alarm: z.enum(ALARMS), raised: z.boolean() }),
  /** A certificate expires in this number of days, or has expired. */
  z.object({
    kind: z.literal('certificate'),
    ...happened,
    certificate: z.string(),
    days: z.number().optional(),
  }),
]);
export type Occurrence = z.infer<typeof Occurrence>;

/**
 * One entry of the log: one version of a parameter. Parameter Store numbers the versions of concurrent writers, so all
 * readers see the same order, and keeps the last 100.
 */
export const LogEntry = z.union([
  z.object({ occurrence: Occurrence }),
  /** The mails about an occurrence were sent. */
  z.object({ sent: z.string(), at: z.iso.datetime(), subjects: z.array(z.string()) }),
  /** Mail about an occurrence could not be sent. */
  z.object({ failed: z.string(), at: z.iso.datetime(), why: z.string() }),
]);
export type LogEntry = z.infer<typeof LogEntry>;

/** Parses one version of the parameter. Undefined: not an entry, such as the value with which it was created. */
export function logEntry(text: string): LogEntry | undefined {
  try {
    return LogEntry.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
