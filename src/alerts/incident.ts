import type { Alarm, Occurrence } from '../contract/alerts.js';

/** What a mail is about. */
export type MailKind =
  | 'check'
  | 'lost'
  | 'repeated'
  | 'launch-failing'
  | 'silent'
  | Alarm
  | 'certificate'
  | 'clear';

/** The facts of a mail; texts are made from them. */
export interface Mail {
  readonly kind: MailKind;
  /** When its incident began. */
  readonly since: string;
  /** When it happened. */
  readonly at: string;
  readonly group?: string;
  readonly machine?: string;
  readonly zone?: string;
  /** AWS's own words. */
  readonly cause?: string;
  readonly certificate?: string;
  readonly days?: number;
  /** Of an all-clear: the mail that opened the incident, and the machines. */
  readonly opened?: MailKind;
  readonly losses?: readonly Loss[];
  readonly replacements?: readonly string[];
}

export interface Loss {
  readonly group: string;
  readonly machine: string;
  readonly zone: string;
}

/**
 * Everything that belongs together from the first failure until all is well: one mail when it opens and one when it
 * closes, and at most one for each kind of news in between that the user has to act on.
 */
export interface Incident {
  readonly since: string;
  readonly last: string;
  readonly losses: readonly Loss[];
  /** Groups that wait for a replacement, one entry for each machine. */
  readonly waiting: readonly string[];
  readonly replacements: readonly string[];
  readonly alarms: readonly Alarm[];
  /** Groups whose launches fail, one entry for each failure. */
  readonly failures: readonly string[];
  /** The mails that were sent about it, in order. */
  readonly sent: readonly MailKind[];
}

export interface State {
  readonly incidents: readonly Incident[];
  /** Machines that were launched in place of failed ones. */
  readonly replaced: readonly { readonly machine: string; readonly at: string }[];
  /** Machines that did not complete their launch. Auto Scaling terminates them with the cause of a failed machine. */
  readonly abandoned: readonly { readonly machine: string; readonly at: string }[];
  /** Replacements of bridges whose events arrived before those of the failures. */
  readonly early: readonly { readonly group: string; readonly machine: string; readonly at: string }[];
}

export interface Step {
  readonly state: State;
  readonly mails: readonly Mail[];
}

export const EMPTY: State = { incidents: [], replaced: [], abandoned: [], early: [] };

const MINUTE = 60_000;
/** A replacement that fails within this time is reported: launching another one does not help. */
export const REPEATED_WITHIN = 60 * MINUTE;
/** Machines that one zone loses within this time are one incident. */
export const ZONE_WITHIN = 5 * MINUTE;
/** An incident without any news for so long has ended; the event that said so was lost. */
const FORGOTTEN_AFTER = 6 * 60 * MINUTE;

export const time = (at: string): number => Date.parse(at);
export const sinceThen = (from: string, to: string): number => time(to) - time(from);

/** Whether an incident is about a group. */
export const concerns = (one: Incident, group: string): boolean =>
  one.losses.some((loss) => loss.group === group) ||
  one.waiting.includes(group) ||
  one.failures.includes(group);

const isClosed = (one: Incident): boolean =>
  one.waiting.length === 0 && one.alarms.length === 0 && one.failures.length === 0;

/**
 * Changes the incident that an occurrence joins, or opens one, and mails. `opening`: only if it opens the incident.
 * `once`: also as further news of an open incident, unless that was mailed already.
 */
export function openOrJoin(
  state: State,
  joins: (one: Incident) => boolean,
  what: Occurrence,
  changed: (one: Incident) => Incident,
  news: (one: Incident) => Omit<Mail, 'since' | 'at'> | undefined,
  when: 'opening' | 'once',
): Step {
  const found = state.incidents.find(joins);
  const one = changed(
    found ?? {
      since: what.at,
      last: what.at,
      losses: [],
      waiting: [],
      replacements: [],
      alarms: [],
      failures: [],
      sent: [],
    },
  );
  const mail = found && when === 'opening' && one.sent.length > 0 ? undefined : news(one);
  const mails = mail && !one.sent.includes(mail.kind) ? [{ ...mail, since: one.since, at: what.at }] : [];
  return settle(
    state,
    found,
    { ...one, last: what.at, sent: [...one.sent, ...mails.map(({ kind }) => kind)] },
    mails,
  );
}

/** Changes an open incident; without one there is nothing to do. */
export function change(
  state: State,
  isIt: (one: Incident) => boolean,
  what: Occurrence,
  changed: (one: Incident) => Incident,
): Step {
  const found = state.incidents.find(isIt);
  return found ? settle(state, found, { ...changed(found), last: what.at }, []) : { state, mails: [] };
}

/** Puts a changed incident into the state, or takes a closed one out of it with an all-clear. */
function settle(state: State, old: Incident | undefined, one: Incident, mails: readonly Mail[]): Step {
  const others = state.incidents.filter((other) => other !== old);
  if (!isClosed(one)) return { state: { ...state, incidents: [...others, one] }, mails };
  const [opened] = one.sent;
  const clear: Mail[] = opened
    ? [
        {
          kind: 'clear',
          opened,
          since: one.since,
          at: one.last,
          losses: one.losses,
          replacements: one.replacements,
        },
      ]
    : [];
  return { state: { ...state, incidents: others }, mails: [...mails, ...clear] };
}

/** Drops what is too old to matter. An alarm may last; its end is never lost for long. */
export function forget(state: State, now: string): State {
  return {
    incidents: state.incidents.filter(
      (one) => one.alarms.length > 0 || sinceThen(one.last, now) <= FORGOTTEN_AFTER,
    ),
    replaced: state.replaced.filter((one) => sinceThen(one.at, now) <= REPEATED_WITHIN),
    abandoned: state.abandoned.filter((one) => sinceThen(one.at, now) <= REPEATED_WITHIN),
    early: state.early.filter((one) => sinceThen(one.at, now) <= ZONE_WITHIN),
  };
}
