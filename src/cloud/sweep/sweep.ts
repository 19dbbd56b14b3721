import { RESOURCES } from '../../resources/resources.js';
import type { Account } from '../account.js';
import { isAbsent, isAnswer } from '../clients.js';
import { pause } from '../poll.js';
import { computeKinds, groups, machines } from './compute.js';
import { guardDutyKinds } from './guard-duty.js';
import { identityKinds } from './identities.js';
import { ingressKinds } from './ingress.js';
import { type Kind, type Leftover, NotSeen, type Target } from './kind.js';
import { monitoringKinds } from './monitoring.js';
import { networkInterfaces, networkKinds } from './network.js';
import { stacks } from './stacks.js';
import { storageKinds } from './storage.js';

export type { Target } from './kind.js';

const SWEPT = new Map(
  [
    ...computeKinds,
    ...ingressKinds,
    ...networkKinds,
    ...monitoringKinds,
    ...storageKinds,
    stacks,
    ...identityKinds,
  ].map((kind) => [kind.name, kind]),
);

/** How every kind of resource in the table is found and removed, in the order in which they can be removed. */
export const KINDS: readonly Kind[] = RESOURCES.map(({ name }) => {
  const kind = SWEPT.get(name);
  if (!kind) throw new Error(`The sweep cannot find ${name}.`);
  return kind;
});

/** Kinds of resources that can block the deletion of a VPC, and so of a stack. */
export const HOLDING: readonly Kind[] = [groups, machines, ...guardDutyKinds, networkInterfaces];

/** The result of a sweep for one kind of resource. */
export interface SweptKind {
  readonly kind: string;
  /** Resources that the sweep removed. */
  readonly removed: readonly string[];
  /** Resources that could not be removed, and why. */
  readonly left: readonly Leftover[];
  /** Resources that were kept intentionally, and why. Unset: none. */
  readonly kept?: readonly Leftover[];
}

/** Number of attempts to remove a resource that is still in use; AWS takes a while to release network interfaces. */
const ROUNDS = 12;
const BETWEEN_ROUNDS_MS = 5_000;

export interface SweepOptions {
  /** Default: all. */
  readonly kinds?: readonly Kind[];
  readonly signal?: AbortSignal;
}

/**
 * Searches all services that convoke uses for resources of a deployment, removes them, and returns what it did. It
 * finds resources by tag, name and domain, not by a stored list. If the search for one kind fails, that kind is
 * reported as left, and the others are still searched.
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
      const left = [{ id: 'unknown', reason: `the search failed: ${messageOf(error)}` }];
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
  // Lists are eventually consistent: they may contain resources that the service no longer finds when it deletes them.
  let gone = new Set<string>();
  const goneBefore = new Set<string>();
  for (let round = 0; left.length > 0 && round < (kind.rounds ?? ROUNDS); round++) {
    if (round > 0) await pause(account, BETWEEN_ROUNDS_MS, signal);
    const reasons = new Map<string, string>();
    gone = new Set();
    for (const { id } of left) {
      try {
        await kind.remove(account, id, target);
      } catch (error) {
        if (isAbsent(error)) gone.add(id);
        else reasons.set(id, messageOf(error));
      }
    }
    if (round === 0) for (const id of gone) goneBefore.add(id);
    left = (await kind.find(account, target)).map((id) => ({
      id,
      reason: reasons.get(id) ?? 'it is still being deleted',
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

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
