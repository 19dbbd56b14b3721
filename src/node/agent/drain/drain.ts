/** How often Auto Scaling is told that a machine still has people on it. Its hook gives up after two minutes of silence. */
const HEARTBEAT_EVERY = 30_000;
/** Nobody must be here for so long: who is being moved may be counted nowhere for a moment. */
const EMPTY_FOR = 3_000;
/** Auto Scaling may have been unreachable, so it is told again. */
const TOLD_AGAIN = 15_000;
/** A spot machine is left so long before AWS takes it. */
const SPOT_MARGIN = 5_000;

export interface DrainRules {
  /** Milliseconds after which everyone who sends people here has heard that they should not. */
  readonly heardAfter: number;
  /** Milliseconds after which a machine that Auto Scaling wants gone leaves with people on it. */
  readonly limit: number;
  /** Whether people can be moved from here without a hand of theirs. */
  readonly moves: boolean;
}

/** Why a machine is to leave. Undefined: could not be asked. */
export interface TerminationSignals {
  /** Auto Scaling lets it wait at its hook. */
  readonly terminating: boolean | undefined;
  /** When AWS takes this spot machine back, in milliseconds since the epoch; null: no notice. */
  readonly spotEnd: number | null | undefined;
  /** A person on the machine asked for it. */
  readonly asked: boolean | undefined;
}

export interface DrainFacts {
  readonly calls: TerminationSignals;
  /** Whether the machine keeps new people away already. */
  readonly closed: boolean | undefined;
  /** People on the machine; undefined: not seen. */
  readonly people: number | undefined;
  /** Whether what serves people here has ended for good, so that waiting helps nobody. */
  readonly dead: boolean;
}

/** What is remembered of a machine that is leaving. Times are in milliseconds since the epoch. */
export interface Draining {
  readonly since: number;
  /** What Auto Scaling and AWS have said once is not unsaid by a metadata service that fails. */
  readonly terminatingSince: number | undefined;
  readonly spotEnd: number | undefined;
  readonly asked: boolean;
  readonly emptySince: number | undefined;
  readonly heartbeatAt: number;
  /** When Auto Scaling was last told that the machine may end. */
  readonly completedAt: number | undefined;
}

/** Undefined: in service. */
export type Drain = Draining | undefined;

export type Action =
  /** Take nobody new. */
  | 'close'
  /** Take people again. */
  | 'open'
  /** Ask shards to move people elsewhere. */
  | 'move'
  /** Tell Auto Scaling to wait on. */
  | 'heartbeat'
  /** Tell Auto Scaling that the machine may end. */
  | 'complete';

export interface Step {
  readonly drain: Drain;
  readonly actions: readonly Action[];
  /** For the journal, when something new happened. */
  readonly say?: string;
}

/**
 * One step of leaving. Every action may be repeated, and is until what it is for shows in the facts: so a daemon that
 * was restarted, an agent that was, or an answer that was lost change nothing.
 */
export function step(before: Drain, facts: DrainFacts, rules: DrainRules, now: number): Step {
  const called = call(before, facts.calls, now);
  if (!called) {
    // Also one that an agent closed which has been restarted since.
    const actions: Action[] = before || facts.closed ? ['open'] : [];
    return { drain: undefined, actions, ...(before && { say: 'in service again' }) };
  }
  const drain = { ...called, emptySince: emptySince(called, facts, now) };
  const actions: Action[] = facts.closed === true ? [] : ['close'];
  const saying = before ? {} : { say: `leaving: ${reason(drain)}` };

  const over = end(drain, facts, rules, now);
  if (over) return finish(drain, over, actions, saying, now);

  let { heartbeatAt } = drain;
  if (drain.terminatingSince !== undefined && now >= heartbeatAt) {
    actions.push('heartbeat');
    heartbeatAt = now + HEARTBEAT_EVERY;
  }
  // Shards refuse until their focuses have heard, and move only those who are still here, so asking again costs nothing.
  if (rules.moves && facts.people !== undefined && facts.people > 0) actions.push('move');
  return { drain: { ...drain, heartbeatAt }, actions, ...saying };
}

/** The calls of now, with those that hold once they were heard; undefined if nobody wants the machine gone. */
function call(before: Drain, calls: TerminationSignals, now: number): Draining | undefined {
  const terminatingSince = before?.terminatingSince ?? (calls.terminating ? now : undefined);
  const spotEnd = before?.spotEnd ?? calls.spotEnd ?? undefined;
  const asked = calls.asked ?? before?.asked ?? false;
  if (terminatingSince === undefined && spotEnd === undefined && !asked) return undefined;
  const fresh: Draining = {
    since: now,
    terminatingSince,
    spotEnd,
    asked,
    emptySince: undefined,
    // Auto Scaling started to wait when it called.
    heartbeatAt: now + HEARTBEAT_EVERY,
    completedAt: undefined,
  };
  return { ...fresh, ...before, terminatingSince, spotEnd, asked };
}

function emptySince(drain: Draining, { people }: DrainFacts, now: number): number | undefined {
  return people === 0 ? (drain.emptySince ?? now) : undefined;
}

/** Why it is over, in words; undefined: it goes on. */
function end(drain: Draining, facts: DrainFacts, rules: DrainRules, now: number): string | undefined {
  if (drain.completedAt !== undefined) return 'it was told to end';
  if (facts.dead && drain.terminatingSince !== undefined) return 'what serves people here has ended for good';
  const heard = now - drain.since >= rules.heardAfter;
  if (heard && drain.emptySince !== undefined && now - drain.emptySince >= EMPTY_FOR) return 'nobody is here';
  const { terminatingSince = Number.POSITIVE_INFINITY, spotEnd = Number.POSITIVE_INFINITY } = drain;
  const left = facts.people === undefined ? 'perhaps people' : `${facts.people} people`;
  if (now >= spotEnd - SPOT_MARGIN) return `AWS takes the machine now, with ${left} on it`;
  if (now >= terminatingSince + rules.limit) {
    return `${Math.round(rules.limit / 60_000)} minutes are over, with ${left} on it`;
  }
  return undefined;
}

/** Only a machine that Auto Scaling waits for has somebody to tell. Any other stays closed, and goes on if people come back. */
function finish(
  drain: Draining,
  over: string,
  actions: readonly Action[],
  saying: { say?: string },
  now: number,
): Step {
  if (drain.terminatingSince === undefined) return { drain, actions, ...saying };
  const due = drain.completedAt === undefined || now - drain.completedAt >= TOLD_AGAIN;
  if (!due) return { drain, actions };
  return {
    drain: { ...drain, completedAt: now },
    actions: [...actions, 'complete'],
    ...(drain.completedAt === undefined && { say: `may end: ${over}` }),
  };
}

export function reason({ terminatingSince, spotEnd }: Draining): string {
  if (terminatingSince !== undefined) return 'Auto Scaling wants this machine to end';
  if (spotEnd !== undefined) return `AWS takes this spot machine at ${new Date(spotEnd).toISOString()}`;
  return 'a person asked for it';
}
