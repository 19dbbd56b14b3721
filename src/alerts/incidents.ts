import type { Alarm, Occurrence } from '../contract/alerts.js';
import {
  change,
  concerns,
  EMPTY,
  forget,
  type Incident,
  type Mail,
  openOrJoin,
  REPEATED_WITHIN,
  type State,
  type Step,
  sinceThen,
  time,
  ZONE_WITHIN,
} from './incident.js';

/** What there is. */
export interface Layout {
  /** Auto Scaling groups of shards. */
  readonly shards: readonly string[];
}

/** Auto Scaling often finds capacity in another zone or of another type at its second attempt. */
const FAILED_LAUNCHES = 2;

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
    (name === 'no-bridges' && (one.waiting.length > 0 || one.alarms.includes('no-shard'))) ||
    (isError(name) &&
      (one.waiting.length > 0 || one.alarms.some((other) => other === 'no-shard' || isError(other))));
  // If there is one shard only, its failure says already that nobody can meet.
  const isNews = (name === 'no-shard' && layout.shards.length > 1) || name === 'no-bridges';
  return openOrJoin(
    state,
    joins,
    what,
    (one) => ({ ...one, alarms: one.alarms.includes(name) ? one.alarms : [...one.alarms, name] }),
    // While a shard's machine is replaced, it has no bridges for a moment.
    (one) => (name === 'no-bridges' && waitsForShard(one) ? undefined : { kind: name }),
    isNews ? 'once' : 'opening',
  );
}

/** The two alarms about failing requests have one text, and are one incident. */
const isError = (name: Alarm): boolean => name === 'errors' || name === 'balancer-errors';

/** A list without the first entry that equals `one`. */
function without(list: readonly string[], one: string): string[] {
  const at = list.indexOf(one);
  return list.filter((_, index) => index !== at);
}
