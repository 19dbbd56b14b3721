/** Milliseconds in which the first new machine of a group has to serve. Its lifecycle hook ends a little earlier. */
export const SERVING_LIMIT_MS = 20 * 60_000;

/** What is known of a group whose machines are to have another version of its launch template. */
export interface GroupFacts {
  /** The version that all machines are to have. */
  readonly wanted: string;
  /** The version that the group launches. */
  readonly launches: string;
  readonly desired: number;
  readonly members: readonly MemberFacts[];
  /** The latest instance refresh. */
  readonly refresh?: RefreshFacts | undefined;
  /** A machine that was launched since the refresh started and failed to serve: what Auto Scaling says, a sentence. */
  readonly failedLaunch?: string | undefined;
  /** Milliseconds since this group was begun, or since a machine of it last served. */
  readonly waited: number;
}

export interface MemberFacts {
  readonly version: string;
  /** `leaving`: its people are being moved, or its meetings end, and it takes no new ones. */
  readonly state: 'starting' | 'serving' | 'leaving';
}

export interface RefreshFacts {
  readonly status: string;
  readonly reason: string;
  readonly version: string;
  /** Whether this run started it, or found it in progress. An earlier one that has failed is not repeated. */
  readonly followed: boolean;
}

export type GroupStep =
  /** Start an instance refresh to the wanted version. */
  | { readonly do: 'start' }
  /** Undo the instance refresh to another version. */
  | { readonly do: 'roll back' }
  | { readonly do: 'wait'; readonly what: string }
  /** Every machine that takes people has the wanted version; `left`: earlier ones that still have people. */
  | { readonly do: 'go on'; readonly left: number; readonly ended: boolean }
  | { readonly do: 'give up'; readonly why: string };

const IN_PROGRESS = ['Pending', 'InProgress', 'Baking', 'RollbackInProgress', 'Cancelling'];
/** Whether an instance refresh with this status goes on. */
export const isInProgress = (status: string): boolean => IN_PROGRESS.includes(status);

const FAILED = ['Failed', 'Cancelled', 'RollbackFailed', 'RollbackSuccessful'];

/** What to do next with a group. Repeated until it says to go on; a run that was killed continues from the facts. */
export function nextStep(facts: GroupFacts): GroupStep {
  const { wanted, launches, desired, members, refresh, failedLaunch, waited } = facts;
  const active = refresh && isInProgress(refresh.status) ? refresh : undefined;
  if (active && active.version !== wanted) {
    if (active.status === 'RollbackInProgress' || active.status === 'Cancelling')
      return { do: 'wait', what: 'Auto Scaling to undo the earlier replacement' };
    return { do: 'roll back' };
  }
  if (active?.status === 'RollbackInProgress' || active?.status === 'Cancelling')
    return { do: 'give up', why: active.reason || failedLaunch || 'Auto Scaling undoes the replacement.' };
  if (refresh?.followed && refresh.version === wanted && FAILED.includes(refresh.status))
    return {
      do: 'give up',
      why: refresh.reason || failedLaunch || 'Auto Scaling has ended the replacement.',
    };

  const leaving = members.filter(({ state }) => state === 'leaving');
  const staying = members.filter(({ state }) => state !== 'leaving');
  const old = staying.filter(({ version }) => version !== wanted);
  const serving = staying.filter(({ version, state }) => version === wanted && state === 'serving');
  if (old.length === 0 && serving.length >= desired && (active || launches === wanted))
    return {
      do: 'go on',
      left: leaving.filter(({ version }) => version !== wanted).length,
      ended: !active,
    };
  if (active && failedLaunch) return { do: 'give up', why: failedLaunch };
  if (!active && (old.length > 0 || launches !== wanted)) return { do: 'start' };
  if (waited > SERVING_LIMIT_MS)
    return {
      do: 'give up',
      why: `No new machine served within ${SERVING_LIMIT_MS / 60_000} minutes.`,
    };
  const starting = staying.length - old.length - serving.length;
  return {
    do: 'wait',
    what:
      starting > 0
        ? `${starting} new machine${starting === 1 ? '' : 's'} to serve`
        : `${old.length} old machine${old.length === 1 ? '' : 's'} to leave`,
  };
}
