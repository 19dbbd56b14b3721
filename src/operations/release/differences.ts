import type { Machine } from '../../cloud/machines.js';

type Launched = Pick<Machine, 'id' | 'role' | 'shard' | 'lifecycle' | 'release' | 'bundle'>;

/**
 * The machines with another release or another node bundle than those that start now, a sentence each. Machines that
 * are terminating, or whose launch template named none, are left out.
 */
export function releaseDifferences(machines: readonly Launched[], release: string, bundle: string): string[] {
  const staying = machines.filter(({ lifecycle }) => !lifecycle.startsWith('Terminating'));
  return staying.flatMap((machine) => {
    const who = `${machine.id} (${[machine.role, machine.shard].filter(Boolean).join(' ')})`;
    const found = [];
    if (release && machine.release && machine.release !== release)
      found.push(`${who} has release ${machine.release}; machines that start now get ${release}.`);
    if (bundle && machine.bundle && machine.bundle !== bundle)
      found.push(`${who} runs another version of convoke than machines that start now.`);
    return found;
  });
}
