import type { ActualState, DesiredState } from './emulated-state.js';
import type { Podman } from './podman.js';

type Image = DesiredState['images'][number];
type ImageState = ActualState['images'][string];
type MachineState = ActualState['machines'][string] | undefined;

/** What to do next with an image that is not made yet: it is made of a machine at rest, or of a running one if `live`. */
export function nextStep({ live }: Image, machine: MachineState): 'wait' | 'make' | 'fail' {
  if (!machine || machine.state === 'dead') return 'fail';
  if (machine.state === 'stopped') return 'make';
  return live && machine.state === 'running' ? 'make' : 'wait';
}

/**
 * Images of machines, in the rehearsal's own storage. An image is a container's file system without its mounts, so without
 * anything that the rehearsal gives a machine from outside: name, addresses, resolver, configuration and console.
 */
export class MachineImages {
  private readonly states = new Map<string, ImageState>();
  /** Machines of which an image is being made. */
  private readonly busy = new Set<string>();
  /** Images that are no longer wanted, but which machines still use. */
  private readonly unwanted = new Set<string>();

  constructor(private readonly podman: Podman) {}

  get reality(): ActualState['images'] {
    return Object.fromEntries(this.states);
  }

  /** Podman's name of an image that was made of a machine; undefined for any other. */
  nameOf(id: string): string | undefined {
    return this.states.get(id)?.state === 'available' ? local(id) : undefined;
  }

  /** Whether an image is being made of a machine, which may not be changed meanwhile. */
  needs(machine: string): boolean {
    return this.busy.has(machine);
  }

  /** Makes and removes images; returns at once. */
  follow(wanted: readonly Image[], machine: (id: string) => MachineState): void {
    for (const image of wanted) {
      if (this.states.has(image.id) || this.busy.has(image.instance)) continue;
      const step = nextStep(image, machine(image.instance));
      if (step === 'make') void this.make(image);
      if (step === 'fail')
        this.states.set(image.id, { state: 'failed', reason: `There is no machine ${image.instance}.` });
    }
    const ids = new Set(wanted.map(({ id }) => id));
    for (const [id, { state }] of this.states) {
      if (ids.has(id) || state === 'pending') continue;
      this.states.delete(id);
      if (state === 'available') this.unwanted.add(id);
      void this.tidy();
    }
  }

  private async make({ id, instance }: Image): Promise<void> {
    this.states.set(id, { state: 'pending', reason: '' });
    this.busy.add(instance);
    try {
      const settings = ['--change', 'ENTRYPOINT=[]', '--change', 'STOPSIGNAL=SIGRTMIN+3'];
      await this.podman.inside('commit', '--quiet', '--pause', ...settings, instance, local(id));
      this.states.set(id, { state: 'available', reason: '' });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      process.stderr.write(`image ${id} could not be made: ${reason}\n`);
      this.states.set(id, { state: 'failed', reason });
    } finally {
      this.busy.delete(instance);
    }
  }

  /** Removes the images that nothing uses any more. */
  async tidy(): Promise<void> {
    for (const id of this.unwanted) {
      // Podman refuses this while a container uses the image.
      const removed = await this.podman.inside('rmi', '--no-prune', local(id)).then(
        () => true,
        () => false,
      );
      if (removed) this.unwanted.delete(id);
    }
  }
}

const local = (id: string) => `localhost/convoke/machine:${id}`;
