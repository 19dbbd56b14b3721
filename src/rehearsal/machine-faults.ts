import { z } from 'zod';
import type { Place } from './addresses.js';
import { cutOff, reconnect } from './network.js';
import type { Podman } from './podman.js';

const Id = z.string().regex(/^i-[0-9a-f]+$/, 'An instance id is i- and hexadecimal digits.');
/** As systemd names units, but none that could be taken for an option. */
const Unit = z
  .string()
  .regex(/^[A-Za-z0-9][\w.@:-]*$/, 'A unit’s name is letters, digits and the signs . @ : _ and -.');

/** What can be done to a machine from outside, as a host, a network or a sick process would. Each may be asked for again. */
export const MachineFault = z.discriminatedUnion('kind', [
  /** Its host fails: nothing more is sent, not even the end of connections, and nothing is shut down. For good. */
  z.object({ kind: z.literal('cut-power'), id: Id }),
  /** All of it stands still, with its connections open, until `resume`. */
  z.object({ kind: z.literal('pause'), id: Id }),
  z.object({ kind: z.literal('resume'), id: Id }),
  /** Nothing reaches it and nothing comes from it, until `heal`; its processes go on. */
  z.object({ kind: z.literal('partition'), id: Id }),
  z.object({ kind: z.literal('heal'), id: Id }),
  /** The main process of a unit gets SIGKILL; what systemd makes of that is the unit's own affair. */
  z.object({ kind: z.literal('kill-process'), id: Id, unit: Unit }),
  /** A unit is stopped in good order, and stays so until `start-unit`. */
  z.object({ kind: z.literal('stop-unit'), id: Id, unit: Unit }),
  z.object({ kind: z.literal('start-unit'), id: Id, unit: Unit }),
]);
export type MachineFault = z.infer<typeof MachineFault>;

/** Brings a fault upon the machine of a container, whose address in the network is `privateIp`. */
export async function inflict(
  fault: MachineFault,
  privateIp: string,
  { place, podman }: { place: Place; podman: Podman },
): Promise<void> {
  const { id } = fault;
  const inside = (...command: string[]) => podman.inside('exec', id, ...command);
  switch (fault.kind) {
    case 'cut-power':
      if (!(await podman.isRunning(id))) return;
      await cutOff(place, privateIp, await podman.networkOf(id));
      await podman.inside('kill', '--signal', 'KILL', id);
      return;
    case 'pause':
      if ((await podman.status(id)) !== 'paused') await podman.inside('pause', id);
      return;
    case 'resume':
      if ((await podman.status(id)) === 'paused') await podman.inside('unpause', id);
      return;
    case 'partition':
      return cutOff(place, privateIp, await podman.networkOf(id));
    case 'heal':
      return reconnect(place, privateIp, await podman.networkOf(id));
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
