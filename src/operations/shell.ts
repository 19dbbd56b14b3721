import type { Account, ShellCommand } from '../cloud/account.js';
import { type Machine, machines } from '../cloud/machines.js';
import { startSession } from '../cloud/sessions.js';
import type { Deployment } from '../config/deployment.js';
import { printable } from '../config/sentences.js';
import { ConvokeError } from '../contract/errors.js';

/**
 * The command that opens a shell on a machine. Throws `ShellOff`, `NoSuchNode`, and what {@link startSession} throws.
 */
export async function shell(
  account: Account,
  deployment: Pick<Deployment, 'name' | 'shell'>,
  node: string,
): Promise<ShellCommand> {
  if (!account.shell && !deployment.shell) throw shellOff();
  const machine = selectMachine(node, await machines(account, deployment.name, ''));
  return account.shell ? account.shell(machine) : startSession(account, machine);
}

/**
 * The running machine that is meant. `a`, `shard-a`: the machine of this shard, the youngest while it is replaced. `bridge`:
 * the only bridge. `i-0123`: this machine; the beginning of its id is enough. Throws an error that lists the machines.
 */
export function selectMachine(
  node: string,
  all: readonly Pick<Machine, 'id' | 'role' | 'shard' | 'state' | 'launched'>[],
): string {
  const running = all.filter(({ state }) => state === 'running');
  const shards = running
    .filter(({ shard }) => shard !== '' && [shard, `shard-${shard}`].includes(node))
    .sort((one, other) => other.launched.getTime() - one.launched.getTime());
  const meant = running.filter(
    ({ id, role }) => role === node || (node.startsWith('i-') && id.startsWith(node)),
  );
  const [only] = shards.length > 0 ? shards : meant;
  if (only && (shards.length > 0 || meant.length === 1)) return only.id;
  const names = running.map(({ id, role, shard }) => `${id} (${[role, shard].filter(Boolean).join(' ')})`);
  throw new ConvokeError('NoSuchNode', {
    what:
      meant.length > 1
        ? `"${printable(node)}" is several machines.`
        : `No running machine is "${printable(node)}".`,
    why: names.length > 0 ? `These run: ${names.join(', ')}.` : 'No machine runs.',
    now: 'Name a shard, such as "a", or the id of an instance or its beginning.',
    fault: 'user',
  });
}

const shellOff = () =>
  new ConvokeError('ShellOff', {
    what: 'Machines of this deployment have no shell.',
    why: '"shell" is off in the configuration, so they do not run the agent of AWS Systems Manager.',
    now: 'Set "shell: on" and run "convoke up", which replaces the machines. "convoke logs" works without it.',
    fault: 'user',
  });
