import type { Account } from '../cloud/account.js';
import { consoleOutput } from '../cloud/console.js';
import type { Machine } from '../cloud/machines.js';
import { printable } from '../config/sentences.js';

/** The console line with which user data or the node bundle reports that provisioning failed. */
const FAILED = /convoke: provisioning failed: ([^\r\n]+)/g;

/** Longest sentence that is quoted. */
const MOST_CHARACTERS = 1_000;

/** Why provisioning of a machine failed, from its console; undefined if it did not fail. */
export function provisioningFailure(console: string): string | undefined {
  const [, sentence] = [...console.matchAll(FAILED)].at(-1) ?? [];
  // A compromised machine can write anything to its console.
  return sentence && printable(sentence).trim().slice(0, MOST_CHARACTERS);
}

/** A machine that could not be provisioned. */
export interface ProvisioningFailure {
  /** Role, shard and instance, as in "shard a (i-0123)". */
  readonly machine: string;
  /** Why, in the words of its console. */
  readonly why: string;
}

/** The machines that do not serve because provisioning failed, found by their consoles. */
export async function provisioningFailures(
  account: Account,
  all: readonly Pick<Machine, 'id' | 'role' | 'shard' | 'state' | 'target'>[],
): Promise<ProvisioningFailure[]> {
  const waiting = all.filter(({ state, target }) => state === 'running' && target !== 'healthy');
  const failures = await Promise.all(
    waiting.map(async ({ id, role, shard }) => ({
      machine: `${role}${shard && ` ${shard}`} (${id})`,
      why: provisioningFailure(await consoleOutput(account, id)),
    })),
  );
  return failures.flatMap(({ machine, why }) => (why ? { machine, why } : []));
}
