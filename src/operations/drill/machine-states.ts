import type { Account } from '../../cloud/account.js';
import { type Machine, machines } from '../../cloud/machines.js';
import type { MachineEvent, MachineState } from './events.js';

type AwsStates = Pick<Machine, 'role' | 'state' | 'lifecycle' | 'target'>;

/** Combines the states of a machine in EC2, its group and the load balancer. */
export function machineState(
  { role, state, lifecycle, target }: AwsStates,
  before: MachineState | undefined,
): MachineState {
  if (!['pending', 'running'].includes(state) || lifecycle === '') return 'gone';
  if (lifecycle.startsWith('Terminating')) return 'leaving';
  if (lifecycle !== 'InService') return 'starting';
  if (role !== 'shard' || target === 'healthy') return 'serving';
  return before === 'serving' || before === 'failing' ? 'failing' : 'starting';
}

/** `shard a`, `bridge`. */
export const describeMachine = ({ role, shard }: Pick<Machine, 'role' | 'shard'>): string =>
  shard ? `${role} ${shard}` : role;

/** Observes a deployment's machines, and records changes of their states. */
export class MachineStates {
  readonly events: MachineEvent[] = [];
  /** The machines at the last observation, without terminated ones. */
  now: readonly Machine[] = [];
  private readonly known = new Map<string, MachineEvent>();

  constructor(
    private readonly account: Account,
    private readonly deployment: string,
    private readonly targetGroup: string,
  ) {}

  async look(): Promise<void> {
    this.now = await machines(this.account, this.deployment, this.targetGroup);
    const at = this.account.clock.now().getTime();
    for (const machine of this.now) {
      const before = this.known.get(machine.id);
      const state = machineState(machine, before?.state);
      this.note({ at, id: machine.id, what: describeMachine(machine), zone: machine.zone, state });
    }
    for (const [id, event] of this.known) {
      if (!this.now.some((machine) => machine.id === id)) this.note({ ...event, at, state: 'gone' });
    }
  }

  /** The roles in service, sorted: `bridge`, `bridge`, `shard a`, … A deployment has recovered when these are as before. */
  serving(): string[] {
    return [...this.known.values()]
      .filter(({ state }) => state === 'serving')
      .map(({ what }) => what)
      .sort();
  }

  /** Whether a machine exists, in any state. */
  has(id: string): boolean {
    return (this.known.get(id)?.state ?? 'gone') !== 'gone';
  }

  /** Whether any machine is changing its state. */
  get moving(): boolean {
    return [...this.known.values()].some(({ state }) => ['starting', 'leaving', 'failing'].includes(state));
  }

  private note(event: MachineEvent): void {
    if (this.known.get(event.id)?.state === event.state) return;
    this.known.set(event.id, event);
    this.events.push(event);
  }
}

/** The addresses at which these machines receive media. */
export const addresses = (machines: readonly Pick<Machine, 'publicIp' | 'privateIp'>[]): Set<string> =>
  new Set(machines.flatMap(({ publicIp, privateIp }) => [publicIp, privateIp]).filter(Boolean));
