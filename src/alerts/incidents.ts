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
interface Incident {
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

/** What there is. */
export interface Layout {
  /** Auto Scaling groups of shards. */
  readonly shards: readonly string[];
}

export interface Step {
  readonly state: State;
  readonly mails: readonly Mail[];
}

export const EMPTY: State = { incidents: [], replaced: [], abandoned: [], early: [] };

const MINUTE = 60_000;
/** A replacement that fails within this time is told: starting again does not help. */
const REPEATED_WITHIN = 60 * MINUTE;
/** Machines that one zone loses within this time are one incident. */
const ZONE_WITHIN = 5 * MINUTE;
/** An incident without any news for so long has ended; the event that said so was lost. */
const FORGOTTEN_AFTER = 6 * 60 * MINUTE;
/** Auto Scaling often finds capacity in another zone or of another type at its second attempt. */
const FAILED_LAUNCHES = 2;

const time = (at: string): number => Date.parse(at);
const sinceThen = (from: string, to: string): number => time(to) - time(from);

/** The state after a list of occurrences, and the mails of each. An occurrence that was seen before changes nothing. */
export function replay(
  occurrences: readonly Occurrence[],
  layout: Layout,
): Step & { readonly seen: Set<string> } {
  const seen = new Set<string>();
  let state = EMPTY;
  let mails: readonly Mail[] = [];
  for (const one of occurrences) {
    if (seen.has(one.id)) continue;
    seen.add(one.id);
    ({ state, mails } = step(state, one, layout));
  }
  return { state, mails, seen };
}

/** The mails of one occurrence in a list of occurrences. */
export function mailsOf(id: string, occurrences: readonly Occurrence[], layout: Layout): readonly Mail[] {
  const end = occurrences.findIndex((one) => one.id === id);
  return end < 0 ? [] : replay(occurrences.slice(0, end + 1), layout).mails;
}

/** Whether an occurrence changes the state or sends mail. */
export function matters(state: State, what: Occurrence, layout: Layout): boolean {
  const next = step(state, what, layout);
  return next.mails.length > 0 || JSON.stringify(next.state) !== JSON.stringify(forget(state, what.at));
}

/** What follows from an occurrence. */
export function step(before: State, what: Occurrence, layout: Layout): Step {
  const state = forget(before, what.at);
  switch (what.kind) {
    case 'check':
      return { state, mails: [{ kind: 'check', since: what.at, at: what.at }] };
    case 'certificate': {
      const { at, certificate, days } = what;
      const mail: Mail = {
        kind: 'certificate',
        since: at,
        at,
        certificate,
        ...(days !== undefined && { days }),
      };
      return { state, mails: [mail] };
    }
    case 'lost':
      return lost(state, what, layout);
    case 'launched':
      return launched(state, what, layout);
    case 'launch-failed':
      return launchFailed(state, what);
    case 'serves':
      return change(
        state,
        (one) => concerns(one, what.group),
        what,
        (one) => ({
          ...one,
          waiting: one.waiting.filter((group) => group !== what.group),
          failures: one.failures.filter((group) => group !== what.group),
          replacements: [...one.replacements, what.machine],
        }),
      );
    case 'silent':
      return openOrJoin(
        state,
        (one) => concerns(one, what.group),
        what,
        (one) => ({
          ...one,
          waiting: one.waiting.includes(what.group) ? one.waiting : [...one.waiting, what.group],
        }),
        () => ({ kind: 'silent', group: what.group, machine: what.machine }),
        'once',
      );
    case 'alarm':
      return alarm(state, what, layout);
  }
}

type Of<K extends Occurrence['kind']> = Extract<Occurrence, { kind: K }>;

function lost(state: State, what: Of<'lost'>, layout: Layout): Step {
  const { group, machine, zone, cause } = what;
  // It never served. What matters is that its launch failed.
  if (state.abandoned.some((one) => one.machine === machine)) return { state, mails: [] };
  const isShard = layout.shards.includes(group);
  const again = state.replaced.some(
    (one) => one.machine === machine && sinceThen(one.at, what.at) <= REPEATED_WITHIN,
  );
  const early = state.early.find((one) => one.group === group && time(one.at) >= time(what.at));
  // Each group has one open incident at most.
  const own = state.incidents.find((one) => concerns(one, group));
  const joins = (one: Incident) => (own ? one === own : isSame(one));
  const isSame = (one: Incident) =>
    (one.losses.some((loss) => loss.zone === zone) && sinceThen(one.since, what.at) <= ZONE_WITHIN) ||
    (isShard && one.alarms.some((name) => name === 'no-shard' || isError(name)));
  const stateNow = { ...state, early: state.early.filter((one) => one !== early) };
  return openOrJoin(
    stateNow,
    joins,
    what,
    (one) => ({
      ...one,
      losses: [...one.losses, { group, machine, zone }],
      ...(early
        ? { replacements: [...one.replacements, early.machine] }
        : { waiting: [...one.waiting, group] }),
    }),
    () => ({ kind: again ? 'repeated' : 'lost', group, machine, zone, cause }),
    again ? 'once' : 'opening',
  );
}

function launched(state: State, what: Of<'launched'>, layout: Layout): Step {
  const { group, machine, at, replacement } = what;
  const isShard = layout.shards.includes(group);
  const open = state.incidents.find((one) => concerns(one, group));
  const noted: State = {
    ...state,
    replaced:
      replacement || open?.waiting.includes(group) ? [...state.replaced, { machine, at }] : state.replaced,
    early: replacement && !isShard && !open ? [...state.early, { group, machine, at }] : state.early,
  };
  return change(
    noted,
    (one) => one === open,
    what,
    (one) => ({
      ...one,
      // A shard's machine counts when it serves.
      ...(!isShard &&
        one.waiting.includes(group) && {
          waiting: without(one.waiting, group),
          replacements: [...one.replacements, machine],
        }),
      failures: one.failures.filter((failed) => failed !== group),
    }),
  );
}

function launchFailed(state: State, what: Of<'launch-failed'>): Step {
  const { group, machine, zone, cause, at } = what;
  return openOrJoin(
    machine ? { ...state, abandoned: [...state.abandoned, { machine, at }] } : state,
    (one) => concerns(one, group),
    what,
    (one) => ({ ...one, failures: [...one.failures, group] }),
    (one) =>
      one.failures.filter((failed) => failed === group).length >= FAILED_LAUNCHES
        ? { kind: 'launch-failing', group, zone, cause }
        : undefined,
    'once',
  );
}

function alarm(state: State, what: Of<'alarm'>, layout: Layout): Step {
  const { alarm: name } = what;
  // It is over when it is reported.
  if (name === 'jicofo-restarted') {
    const mail: Mail = { kind: name, since: what.at, at: what.at };
    return { state, mails: what.raised ? [mail] : [] };
  }
  if (!what.raised)
    return change(
      state,
      (one) => one.alarms.includes(name),
      what,
      (one) => ({
        ...one,
        alarms: one.alarms.filter((other) => other !== name),
      }),
    );
  const waitsForShard = (one: Incident) => one.waiting.some((group) => layout.shards.includes(group));
  const joins = (one: Incident) =>
    one.alarms.includes(name) ||
    (name === 'no-shard' && (waitsForShard(one) || one.alarms.some(isError))) ||
    (isError(name) &&
      (one.waiting.length > 0 || one.alarms.some((other) => other === 'no-shard' || isError(other))));
  // If there is one shard only, its failure says already that nobody can meet.
  const isNews = name === 'no-shard' && layout.shards.length > 1;
  return openOrJoin(
    state,
    joins,
    what,
    (one) => ({ ...one, alarms: one.alarms.includes(name) ? one.alarms : [...one.alarms, name] }),
    () => ({ kind: name }),
    isNews ? 'once' : 'opening',
  );
}

/** The two alarms about failing requests have one text, and are one incident. */
const isError = (name: Alarm): boolean => name === 'errors' || name === 'balancer-errors';

/** Whether an incident is about a group. */
const concerns = (one: Incident, group: string): boolean =>
  one.losses.some((loss) => loss.group === group) ||
  one.waiting.includes(group) ||
  one.failures.includes(group);

const isClosed = (one: Incident): boolean =>
  one.waiting.length === 0 && one.alarms.length === 0 && one.failures.length === 0;

/** A list without the first entry that equals `one`. */
function without(list: readonly string[], one: string): string[] {
  const at = list.indexOf(one);
  return list.filter((_, index) => index !== at);
}

/**
 * Changes the incident that an occurrence joins, or opens one, and mails. `opening`: only if it opens the incident.
 * `once`: also as further news of an open incident, unless that was told already.
 */
function openOrJoin(
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
  const told = mail && !one.sent.includes(mail.kind) ? [{ ...mail, since: one.since, at: what.at }] : [];
  return settle(
    state,
    found,
    { ...one, last: what.at, sent: [...one.sent, ...told.map(({ kind }) => kind)] },
    told,
  );
}

/** Changes an open incident; without one there is nothing to do. */
function change(
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
function forget(state: State, now: string): State {
  return {
    incidents: state.incidents.filter(
      (one) => one.alarms.length > 0 || sinceThen(one.last, now) <= FORGOTTEN_AFTER,
    ),
    replaced: state.replaced.filter((one) => sinceThen(one.at, now) <= REPEATED_WITHIN),
    abandoned: state.abandoned.filter((one) => sinceThen(one.at, now) <= REPEATED_WITHIN),
    early: state.early.filter((one) => sinceThen(one.at, now) <= ZONE_WITHIN),
  };
}
