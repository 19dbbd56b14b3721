/** Interval of heartbeats to Auto Scaling. The lifecycle hook times out after two minutes without one. */
const HEARTBEAT_INTERVAL = 30_000;
/**
 * Milliseconds without participants before the machine counts as empty: while a participant is moved, no machine may
 * count them for a moment.
 */
const EMPTY_TIME = 3_000;
/** Milliseconds after which the completion is sent again, in case Auto Scaling was unreachable. */
const COMPLETE_AGAIN_AFTER = 15_000;
/** Milliseconds before a spot interruption at which waiting ends. */
const SPOT_MARGIN = 5_000;

export interface DrainRules {
  /** Milliseconds until everything that sends participants here knows that the machine drains. */
  readonly settleTime: number;
  /** Milliseconds after which a terminating machine ends even with participants on it. */
  readonly limit: number;
  /** Whether participants can be moved without any action of theirs. */
  readonly movesParticipants: boolean;
}

/** Reasons for draining. Undefined: the source could not be read. */
export interface TerminationSignals {
  /** The machine waits at Auto Scaling's lifecycle hook. */
  readonly terminating: boolean | undefined;
  /** When AWS interrupts this spot instance, in milliseconds since the epoch; null: no notice. */
  readonly spotEnd: number | null | undefined;
  /** An administrator ran `drain` on the machine. */
  readonly requested: boolean | undefined;
}

export interface DrainFacts {
  readonly signals: TerminationSignals;
  /** Whether the machine already accepts no new participants. */
  readonly closed: boolean | undefined;
  /** Undefined if it could not be read. */
  readonly participants: number | undefined;
  /** Whether the serving daemon has failed for good, so that waiting is pointless. */
  readonly failed: boolean;
}

/** State of a machine that is draining. Times are in milliseconds since the epoch. */
export interface Draining {
  readonly since: number;
  /** Kept even if the metadata service fails later. */
  readonly terminatingSince: number | undefined;
  readonly spotEnd: number | undefined;
  readonly requested: boolean;
  readonly emptySince: number | undefined;
  readonly heartbeatAt: number;
  /** When the lifecycle action was last completed. */
  readonly completedAt: number | undefined;
}

/** Undefined while in service. */
export type Drain = Draining | undefined;

export type Action =
  /** Accept no new participants. */
  | 'close'
  /** Accept participants again. */
  | 'open'
  /** Ask shards to move participants to other bridges. */
  | 'move'
  /** Send a heartbeat, so that Auto Scaling keeps waiting. */
  | 'heartbeat'
  /** Complete the lifecycle action, so that Auto Scaling ends the machine. */
  | 'complete';

export interface Step {
  readonly drain: Drain;
  readonly actions: readonly Action[];
  /** A log line, when the state changed. */
  readonly message?: string;
}

/**
 * One step of draining. Actions are idempotent and repeated until their effect shows in the facts, so a restarted
 * daemon or agent, or a lost response, changes nothing.
 */
export function step(before: Drain, facts: DrainFacts, rules: DrainRules, now: number): Step {
  const active = activeSignals(before, facts.signals, now);
  if (!active) {
    // Also opens a machine that the agent closed before it was restarted.
    const actions: Action[] = before || facts.closed ? ['open'] : [];
    return { drain: undefined, actions, ...(before && { message: 'back in service' }) };
  }
  const drain = { ...active, emptySince: emptySince(active, facts, now) };
  const actions: Action[] = facts.closed === true ? [] : ['close'];
  const message = before ? {} : { message: `draining: ${reason(drain)}` };

  const end = endReason(drain, facts, rules, now);
  if (end) return finish(drain, end, actions, message, now);

  let { heartbeatAt } = drain;
  if (drain.terminatingSince !== undefined && now >= heartbeatAt) {
    actions.push('heartbeat');
    heartbeatAt = now + HEARTBEAT_INTERVAL;
  }
  // Shards refuse until their Jicofo knows that this bridge drains, and move only participants who are still here, so
  // repeating is harmless.
  if (rules.movesParticipants && facts.participants !== undefined && facts.participants > 0)
    actions.push('move');
  return { drain: { ...drain, heartbeatAt }, actions, ...message };
}

/** The signals that apply now, including those that stay in force once received; undefined if there is none. */
function activeSignals(before: Drain, signals: TerminationSignals, now: number): Draining | undefined {
  const terminatingSince = before?.terminatingSince ?? (signals.terminating ? now : undefined);
  const spotEnd = before?.spotEnd ?? signals.spotEnd ?? undefined;
  const requested = signals.requested ?? before?.requested ?? false;
  if (terminatingSince === undefined && spotEnd === undefined && !requested) return undefined;
  const fresh: Draining = {
    since: now,
    terminatingSince,
    spotEnd,
    requested,
    emptySince: undefined,
    // The hook's timeout started with the signal.
    heartbeatAt: now + HEARTBEAT_INTERVAL,
    completedAt: undefined,
  };
  return { ...fresh, ...before, terminatingSince, spotEnd, requested };
}

function emptySince(drain: Draining, { participants }: DrainFacts, now: number): number | undefined {
  return participants === 0 ? (drain.emptySince ?? now) : undefined;
}

/** Why draining is finished; undefined while it goes on. */
function endReason(drain: Draining, facts: DrainFacts, rules: DrainRules, now: number): string | undefined {
  if (drain.completedAt !== undefined) return 'the lifecycle action is complete';
  if (facts.failed && drain.terminatingSince !== undefined) return 'the serving daemon has failed for good';
  const settled = now - drain.since >= rules.settleTime;
  if (settled && drain.emptySince !== undefined && now - drain.emptySince >= EMPTY_TIME)
    return 'no participants are left';
  const { terminatingSince = Number.POSITIVE_INFINITY, spotEnd = Number.POSITIVE_INFINITY } = drain;
  const left =
    facts.participants === undefined
      ? 'an unknown number of participants'
      : `${facts.participants} participants`;
  if (now >= spotEnd - SPOT_MARGIN) return `AWS interrupts this spot instance now, with ${left} on it`;
  if (now >= terminatingSince + rules.limit) {
    return `${Math.round(rules.limit / 60_000)} minutes have passed, with ${left} on it`;
  }
  return undefined;
}

/**
 * Only a terminating machine has a lifecycle action to complete. Any other stays closed, and continues if
 * participants come back.
 */
function finish(
  drain: Draining,
  end: string,
  actions: readonly Action[],
  message: { readonly message?: string },
  now: number,
): Step {
  if (drain.terminatingSince === undefined) return { drain, actions, ...message };
  const due = drain.completedAt === undefined || now - drain.completedAt >= COMPLETE_AGAIN_AFTER;
  if (!due) return { drain, actions };
  return {
    drain: { ...drain, completedAt: now },
    actions: [...actions, 'complete'],
    ...(drain.completedAt === undefined && { message: `ready to terminate: ${end}` }),
  };
}

export function reason({ terminatingSince, spotEnd }: Draining): string {
  if (terminatingSince !== undefined) return 'Auto Scaling is terminating this machine';
  if (spotEnd !== undefined) return `AWS interrupts this spot instance at ${new Date(spotEnd).toISOString()}`;
  return 'an administrator requested it';
}
