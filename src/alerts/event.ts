import { z } from 'zod';
import { ALARMS, type AlertSettings, type Occurrence } from '../contract/alerts.js';
import { alarmName, MAIL_CHECK_SOURCE } from '../contract/names.js';

/** An event as EventBridge passes it to the function. */
const Envelope = z.object({
  id: z.string(),
  source: z.string(),
  'detail-type': z.string(),
  time: z.iso.datetime(),
  resources: z.array(z.string()).default([]),
  detail: z.unknown(),
});

/** An Auto Scaling event about a launch or a termination. */
const Activity = z.object({
  AutoScalingGroupName: z.string(),
  EC2InstanceId: z.string().default(''),
  Cause: z.string().default(''),
  StatusMessage: z.string().default(''),
  Details: z.object({ 'Availability Zone': z.string().default('') }).default({ 'Availability Zone': '' }),
});

const AlarmState = z.object({
  alarmName: z.string(),
  state: z.object({ value: z.string() }),
  previousState: z.object({ value: z.string() }),
});

const Check = z.object({ deployment: z.string(), check: z.string() });

/** Auto Scaling's words for a machine that it replaces because it failed. Planned terminations have others. */
const FAILED = /health[ -]check|status checks? failure|unhealthy/i;
/** Its words for a machine that it launches in place of a failed one. Not all replacements are launched with them. */
const REPLACES = /unhealthy/i;

/** Limit of AWS's texts, in characters: an entry of the log has at most 4 KB. */
const MOST_CHARACTERS = 600;

export const isFailure = (cause: string): boolean => FAILED.test(cause);

/**
 * What an event says about this deployment. Undefined: nothing that mail could be about, such as a planned
 * termination, or an event that is not one of the deployment's.
 */
export function occurrenceOf(event: unknown, settings: AlertSettings): Occurrence | undefined {
  const parsed = Envelope.safeParse(event);
  if (!parsed.success) return undefined;
  const { id, source, time: at, resources, detail, 'detail-type': type } = parsed.data;
  switch (source) {
    case MAIL_CHECK_SOURCE: {
      const check = Check.safeParse(detail);
      if (!check.success || check.data.deployment !== settings.deployment) return undefined;
      return { kind: 'check', id: check.data.check, at };
    }
    case 'aws.autoscaling':
      return activity(type, { id, at }, detail, settings);
    case 'aws.cloudwatch':
      return alarm({ id, at }, detail, settings);
    case 'aws.acm':
      return certificate(type, { id, at }, resources[0] ?? '', detail);
    default:
      return undefined;
  }
}

interface When {
  readonly id: string;
  readonly at: string;
}

function activity(
  type: string,
  when: When,
  detail: unknown,
  settings: AlertSettings,
): Occurrence | undefined {
  const parsed = Activity.safeParse(detail);
  if (!parsed.success) return undefined;
  const { AutoScalingGroupName: group, EC2InstanceId: machine, Cause, StatusMessage, Details } = parsed.data;
  if (![...settings.shards, settings.bridges, settings.recorders].includes(group)) return undefined;
  const zone = Details['Availability Zone'];
  const cause = (StatusMessage || Cause).slice(0, MOST_CHARACTERS);
  switch (type) {
    case 'EC2 Instance Terminate Successful':
      return FAILED.test(Cause) ? { kind: 'lost', ...when, group, machine, zone, cause } : undefined;
    case 'EC2 Instance Launch Successful':
      return { kind: 'launched', ...when, group, machine, zone, replacement: REPLACES.test(Cause) };
    case 'EC2 Instance Launch Unsuccessful':
      return { kind: 'launch-failed', ...when, group, ...(machine && { machine }), zone, cause };
    default:
      return undefined;
  }
}

function alarm(when: When, detail: unknown, settings: AlertSettings): Occurrence | undefined {
  const parsed = AlarmState.safeParse(detail);
  if (!parsed.success) return undefined;
  const { alarmName: name, state, previousState } = parsed.data;
  const one = ALARMS.find((known) => alarmName(settings.deployment, known) === name);
  if (!one || state.value === 'INSUFFICIENT_DATA') return undefined;
  const raised = state.value === 'ALARM';
  // An alarm without an earlier state was just created: nothing has served yet, and "up" watches that.
  if (raised && previousState.value === 'INSUFFICIENT_DATA') return undefined;
  return { kind: 'alarm', ...when, alarm: one, raised };
}

/**
 * Days before expiry on which a mail is sent. ACM sends an event every day, from day 45 for imported and private
 * certificates and from day 30 for public ones, which is too many mails to be read.
 */
export const DAYS_OF_MAIL = [45, 30, 14, 7, 3, 2, 1];

const Ending = z.object({ DaysToExpiry: z.number() });

function certificate(type: string, when: When, arn: string, detail: unknown): Occurrence | undefined {
  if (type === 'ACM Certificate Expired') return { kind: 'certificate', ...when, certificate: arn };
  const days = Ending.safeParse(detail).data?.DaysToExpiry;
  if (days === undefined || !DAYS_OF_MAIL.includes(days)) return undefined;
  return { kind: 'certificate', ...when, certificate: arn, days };
}
