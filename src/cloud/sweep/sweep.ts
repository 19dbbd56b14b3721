import type { Account } from '../account.js';
import { isAbsent, isAnswer } from '../clients.js';
import { computeKinds, holdingKinds, networkKinds } from './compute.js';
import { ingressKinds } from './ingress.js';
import { type Found, type Kind, NotSeen, type Target } from './kind.js';
import { restKinds } from './rest.js';

export type { Target } from './kind.js';

/** Every kind of thing that convoke can make, in the order in which they can be removed. */
export const KINDS: readonly Kind[] = [...computeKinds, ...ingressKinds, ...networkKinds, ...restKinds];

/** What holds up the deletion of a stack when CloudFormation does not end it by itself. */
export const HOLDING: readonly Kind[] = holdingKinds;

/** One line of the account's answer to "is anything left?". */
export interface SweptKind {
  readonly kind: string;
  /** What the sweep itself had to remove. */
  readonly removed: readonly string[];
  /** What is still there, and why. */
  readonly left: readonly Found[];
  /** What is left on purpose, and why. Unset: nothing. */
  readonly kept?: readonly Found[];
}

/** How often a thing that is still in use by another is tried again; network interfaces take a while to be let go. */
const ROUNDS = 12;
const BETWEEN_ROUNDS_MS = 5_000;

export interface SweepOptions {
  /** Default: all. */
  readonly kinds?: readonly Kind[];
  readonly signal?: AbortSignal;
}

/**
 * Looks into every service that convoke can create in, removes what is left of a deployment, and says what it did.
 * It does not trust any list of what was made: it asks the services by tag, name and domain. A kind that a service does
 * not let it look for counts as left and ends nothing; the other kinds are looked for all the same.
 */
export async function sweep(
  account: Account,
  target: Target,
  { kinds = KINDS, signal }: SweepOptions = {},
): Promise<SweptKind[]> {
  const swept: SweptKind[] = [];
  for (const kind of kinds) {
    signal?.throwIfAborted();
    try {
      swept.push(await sweepKind(kind, account, target, signal));
    } catch (error) {
      if (!(error instanceof NotSeen) && !isAnswer(error)) throw error;
      const left = [{ id: 'unknown', reason: `could not look: ${said(error)}` }];
      swept.push({ kind: kind.name, removed: [], left });
    }
  }
  return swept;
}

async function sweepKind(
  kind: Kind,
  account: Account,
  target: Target,
  signal?: AbortSignal,
): Promise<SweptKind> {
  const first = await kind.find(account, target);
  let left = first.map((id) => ({ id, reason: 'not tried yet' }));
  // Lists lag: they have things of which the service says that they are not there, when asked to remove them.
  let gone = new Set<string>();
  const goneBefore = new Set<string>();
  for (let round = 0; left.length > 0 && round < (kind.rounds ?? ROUNDS); round++) {
    if (round > 0) await account.clock.wait(account.endpoint ? 500 : BETWEEN_ROUNDS_MS, signal);
    const reasons = new Map<string, string>();
    gone = new Set();
    for (const { id } of left) {
      try {
        await kind.remove(account, id, target);
      } catch (error) {
        if (isAbsent(error)) gone.add(id);
        else reasons.set(id, said(error));
      }
    }
    if (round === 0) for (const id of gone) goneBefore.add(id);
    left = (await kind.find(account, target)).map((id) => ({
      id,
      reason: reasons.get(id) ?? 'it is still going away',
    }));
  }
  left = left.filter(({ id }) => !gone.has(id));
  const remaining = new Set(left.map(({ id }) => id));
  const kept = (await kind.keep?.(account, target)) ?? [];
  return {
    kind: kind.name,
    removed: first.filter((id) => !remaining.has(id) && !goneBefore.has(id)),
    left,
    ...(kept.length > 0 && { kept }),
  };
}

const said = (error: unknown): string => (error instanceof Error ? error.message : String(error));
