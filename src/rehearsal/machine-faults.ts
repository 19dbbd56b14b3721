import { z } from 'zod';
import { cutOff, reconnect } from './network.js';
import type { Resources } from './paths.js';
import type { Podman } from './podman.js';

const Id = z.string().regex(/^i-[0-9a-f]+$/, 'An instance id is i- and hexadecimal digits.');
/** A systemd unit name that cannot be mistaken for an option. */
const Unit = z
  .string()
  .regex(/^[A-Za-z0-9][\w.@:-]*$/, 'A unit’s name is letters, digits and the signs . @ : _ and -.');

/** Faults of a machine, its host or its network. Each may be requested repeatedly. */
export const MachineFault = z.discriminatedUnion('kind', [
  /** The host fails permanently: nothing is shut down, and no connection is closed. */
  z.object({ kind: z.literal('cut-power'), id: Id }),
  /** Everything freezes, with connections open, until `resume`. */
  z.object({ kind: z.literal('pause'), id: Id }),
  z.object({ kind: z.literal('resume'), id: Id }),
  /** All packets are dropped, until `heal`; processes keep running. */
  z.object({ kind: z.literal('partition'), id: Id }),
  z.object({ kind: z.literal('heal'), id: Id }),
  /** The main process of a unit gets SIGKILL; the unit's own settings decide what follows. */
  z.object({ kind: z.literal('kill-process'), id: Id, unit: Unit }),
  /** A unit is stopped cleanly, until `start-unit`. */
  z.object({ kind: z.literal('stop-unit'), id: Id, unit: Unit }),
  z.object({ kind: z.literal('start-unit'), id: Id, unit: Unit }),
]);
export type MachineFault = z.infer<typeof MachineFault>;

/** Injects a fault into a container's machine. `privateIp`: its address in the network. */
export async function inject(
  fault: MachineFault,
  privateIp: string,
  { resources, podman }: { resources: Resources; podman: Podman },
): Promise<void> {
  const { id } = fault;
  const inside = (...command: string[]) => podman.inside('exec', id, ...command);
  switch (fault.kind) {
    case 'cut-power':
      if (!(await podman.isRunning(id))) return;
      await cutOff(resources, privateIp, await podman.networkOf(id));
      await podman.inside('kill', '--signal', 'KILL', id);
      return;
    case 'pause':
      if ((await podman.status(id)) !== 'paused') await podman.inside('pause', id);
      return;
    case 'resume':
      if ((await podman.status(id)) === 'paused') await podman.inside('unpause', id);
      return;
    case 'partition':
      return cutOff(resources, privateIp, await podman.networkOf(id));
    case 'heal':
      return reconnect(resources, privateIp, await podman.networkOf(id));
    case 'kill-process':
      await inside('systemctl', 'kill', '--signal=KILL', '--kill-whom=main', fault.unit);
      return;
    case 'stop-unit':
      await inside('systemctl', 'stop', fault.unit);
      return;
    case 'start-unit':
      await inside('systemctl', 'start', fault.unit);
      return;
  }
}
