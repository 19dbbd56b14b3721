import type { Account } from '../../cloud/account.js';
import type { Machine } from '../../cloud/machines.js';
import { pause } from '../../cloud/poll.js';
import { findStack, outputs } from '../../cloud/stacks.js';
import type { Deployment } from '../../config/deployment.js';
import { ConvokeError } from '../../contract/errors.js';
import { stackName } from '../../contract/names.js';
import { OUTPUTS } from '../../contract/template.js';
import { findChromium } from '../probe/chromium.js';
import { type OnProgress, step } from '../progress.js';
import { bridgesCounted } from './bridges-counted.js';
import type { ProcessorShares } from './cpu-shares.js';
import { DrillBrowsers } from './drill-browsers.js';
import type { BrowserView, DrillEvent, Seen } from './events.js';
import { addresses, MachineStates } from './machine-states.js';
import type { Measured, Newcomer } from './measurements.js';
import { ParticipantPool } from './participant-pool.js';
import { isUsable, type WatchedRoom } from './room-states.js';
import { ENTER_PATIENCE_MS, notReady, PEOPLE, roomsOn } from './rooms.js';
import { type Timeline, timeline } from './timeline.js';

export interface DrillRunOptions {
  readonly account: Account;
  readonly deployment: Deployment;
  readonly onProgress: OnProgress;
  readonly signal?: AbortSignal;
  /** Additional rooms for drills of a shard: `asked` are only requested, `joined` have participants. Default: none. */
  readonly crowd?: { readonly asked: number; readonly joined: number };
}

/**
 * Milliseconds that a replacement may take from the break to doing its work. Bare images install everything at boot; see
 * docs/measurements.md.
 */
export const REPLACED_WITHIN_MS = 15 * 60_000;

/**
 * Seconds that EC2 takes from a launch until a machine is in the network, about: 24 in the example of
 * https://www.daemonology.net/blog/2021-08-12-EC2-boot-time-benchmarking.html (1.5 for the call, 4.9 until it counts as
 * running, 17 until it responds). A container takes one, and then boots on the processor that participants' browsers need.
 */
const LAUNCH_SECONDS = 20;

/** A running drill: its machines and participants, observed from beginning to end. */
export class DrillRun {
  readonly pool: ParticipantPool;
  readonly machines: MachineStates;
  readonly newcomers: Newcomer[] = [];
  private readonly events: DrillEvent[] = [];
  private readonly rooms: WatchedRoom[] = [];
  /** Number of participants in each room. */
  private readonly inside = new Map<string, number>();
  private readonly over = new AbortController();
  private browsers: DrillBrowsers | undefined;
  private watching: Promise<void> = Promise.resolve();
  private servingBefore: readonly string[] = [];
  private brokenAt = Number.POSITIVE_INFINITY;

  private constructor(
    readonly options: DrillRunOptions,
    targetGroup: string,
  ) {
    const { account, deployment } = options;
    this.pool = new ParticipantPool(account, deployment);
    this.machines = new MachineStates(account, deployment.name, targetGroup);
  }

  /** Reads the deployment for the first time. Throws `NothingDeployed` if it does not exist. */
  static async at(options: DrillRunOptions): Promise<DrillRun> {
    const { account, deployment } = options;
    const stack = await findStack(account, stackName(deployment.name));
    if (!stack) {
      throw new ConvokeError('NothingDeployed', {
        what: `No deployment named ${deployment.name} exists.`,
        now: 'Run "convoke up" to create it.',
        fault: 'user',
      });
    }
    const run = new DrillRun(options, outputs(stack)[OUTPUTS.targetGroup] ?? '');
    await run.machines.look();
    run.servingBefore = run.machines.serving();
    return run;
  }

  /** From now on, observes the machines until the run is closed. */
  watch(): void {
    this.watching = this.keepLooking();
  }

  /** Participants leave, and the observation ends. */
  async close(): Promise<void> {
    this.over.abort();
    if (this.browsers) this.options.account.faults?.delayLaunches(0);
    await Promise.all([this.pool.close(), this.browsers?.close(), this.watching]);
  }

  /** Names of this number of rooms on each of these shards. Throws `RoomNotRouted` if a shard accepts none. */
  roomsOn(shards: readonly string[], each: number): Promise<string[]> {
    return roomsOn(this.options, shards, each);
  }

  /** Opens rooms with these names, waits until all participants have joined, and observes them from now on. */
  async openRooms(names: readonly string[]): Promise<WatchedRoom[]> {
    const rooms = await this.fill(names);
    this.rooms.push(...rooms);
    return rooms;
  }

  /** Adds participants to rooms with these names, and waits until all have joined. */
  async fill(names: readonly string[]): Promise<WatchedRoom[]> {
    const rooms = names.map((name) => ({ name, members: [] as string[] }));
    const enter = async (people: number) => {
      for (const { name, members } of rooms)
        while (members.length < people) members.push(this.pool.send(name));
      await this.whole(rooms);
      for (const { name } of rooms) this.inside.set(name, people);
    };
    await enter(this.chromium ? PEOPLE.besideBrowsers : PEOPLE.alone);
    // Whether Jicofo is a fake is known once a participant has joined. If it is, no browsers join.
    if (!this.chromium) await enter(PEOPLE.alone);
    return rooms;
  }

  /**
   * Lets browsers join a room too, and waits until they see each other. Undefined if the deployment uses fakes, which have no
   * media, or Chromium is not installed. Throws `NoMedia` if they do not see each other.
   */
  async browsersIn(room: string): Promise<DrillBrowsers | undefined> {
    const { account, deployment, signal } = this.options;
    const { chromium } = this;
    if (!chromium) return undefined;
    return this.stage('browsers', 'Join a meeting with three browsers', () =>
      DrillBrowsers.join({ account, deployment, chromium, room, signal }, (browsers) => {
        this.browsers = browsers;
      }),
    );
  }

  /** The browsers leave. Their gaps so far stay known. */
  async browsersLeave(): Promise<void> {
    await this.browsers?.close();
  }

  /** Undefined if the deployment uses fakes, which have no media, or Chromium is not installed. */
  private get chromium(): string | undefined {
    return this.pool.usesFakes ? undefined : findChromium();
  }

  /** Gaps of the browsers since the fault; empty without browsers. */
  pictures(): BrowserView[] {
    return this.browsers?.views(this.brokenAt) ?? [];
  }

  /** How this machine's processor time, which browsers need, was used in the first `seconds` after the fault. */
  processor(seconds: number): ProcessorShares | undefined {
    return this.browsers?.processor(this.brokenAt, seconds);
  }

  /** Waits until every browser sees all the others again. */
  async picturesBack(milliseconds: number): Promise<void> {
    await this.until(milliseconds, () =>
      this.pictures().every((view) => view.gaps.every(({ to }) => to !== undefined)),
    );
  }

  /** The bridges of a room's participants, according to their latest sessions. */
  bridgesOf({ name, members }: WatchedRoom): Machine[] {
    const places = members.flatMap((who) => {
      const offer = this.pool.participants.findLast(
        (event) => event.kind === 'offered' && event.who === who && event.room === name,
      );
      const bridge = offer?.kind === 'offered' ? this.machineAt(offer.addresses) : undefined;
      return bridge ? [bridge] : [];
    });
    return [...new Set(places)];
  }

  /** The machine with these addresses. */
  machineAt(addresses: readonly string[]): Machine | undefined {
    return this.machines.now.find(({ publicIp, privateIp }) =>
      [publicIp, privateIp].some((address) => address !== '' && addresses.includes(address)),
    );
  }

  /** Injects the fault, and records it. Throws `ParticipantsNotJoined` if a room is incomplete. */
  async breakIt(what: string, work: () => Promise<void>): Promise<void> {
    // Rooms may have been disturbed before because this machine was busy with browsers. That does not count.
    await this.whole(this.rooms);
    if (this.browsers) this.options.account.faults?.delayLaunches(LAUNCH_SECONDS);
    this.brokenAt = this.say(what);
    await this.stage('break', what.charAt(0).toUpperCase() + what.slice(1), work);
  }

  /** A stage of the drill, reported as progress. */
  async stage<T>(id: string, title: string, work: () => Promise<T>): Promise<T> {
    return step(this.options.onProgress, this.options.account.clock, id, title, work);
  }

  /** Records an event of the drill itself. Returns its time. */
  say(what: string): number {
    const at = this.now();
    this.events.push({ at, what });
    return at;
  }

  /** Adds another participant to a room. */
  newcomer(room: string): void {
    const people = (this.inside.get(room) ?? 0) + 1;
    this.inside.set(room, people);
    this.newcomers.push({ who: this.pool.send(room), room, at: this.now(), people });
  }

  /** Waits until new participants see all others. */
  async newcomersIn(milliseconds: number): Promise<void> {
    await this.until(milliseconds, () =>
      this.newcomers.every(({ who, room, people }) =>
        this.pool.participants.some(
          (event) =>
            event.kind === 'sees' && event.who === who && event.room === room && event.people >= people,
        ),
      ),
    );
  }

  /**
   * Waits until the same roles are in service as before the fault, no machine is changing, and these machines are terminated.
   * Returns the seconds since the fault; undefined after a timeout.
   */
  async asBefore(gone: readonly Machine[]): Promise<number | undefined> {
    return this.stage('as-before', 'Wait until everything is as before', async () => {
      const same = () =>
        gone.every(({ id }) => !this.machines.has(id)) &&
        !this.machines.moving &&
        this.machines.serving().join() === this.servingBefore.join();
      if (!(await this.until(REPLACED_WITHIN_MS, same))) return undefined;
      this.say('as many machines serve as before');
      if (this.options.deployment.bridges) {
        const wanted = this.servingBefore.filter((what) => what === 'bridge').length;
        const limits = { since: this.brokenAt, timeout: REPLACED_WITHIN_MS };
        if (!(await bridgesCounted({ ...this.options, wanted, gone, ...limits }))) return undefined;
        this.say('every shard can use every bridge');
      }
      return (this.now() - this.brokenAt) / 1_000;
    });
  }

  /** Waits until a condition holds. Returns false after a timeout. */
  async until(milliseconds: number, condition: () => boolean): Promise<boolean> {
    const { account, signal } = this.options;
    const deadline = this.now() + milliseconds;
    while (!condition()) {
      if (this.now() > deadline) return false;
      await account.clock.wait(100, signal);
    }
    return true;
  }

  /** The observations so far, as input of measurements. `victims`: machines whose media addresses no longer work. */
  measured(victims: readonly Pick<Machine, 'publicIp' | 'privateIp'>[]): Measured {
    return { seen: this.seen(), rooms: this.rooms, dead: addresses(victims) };
  }

  timeline(
    victims: readonly Pick<Machine, 'publicIp' | 'privateIp'>[],
    elsewhere: readonly WatchedRoom[],
  ): Timeline {
    return timeline(this.measured(victims), elsewhere, this.pictures(), this.now());
  }

  private seen(): Seen {
    return {
      broken: this.brokenAt,
      participants: [...this.pool.participants],
      requests: [...this.pool.requests],
      machines: [...this.machines.events],
      drill: [...this.events],
    };
  }

  private async keepLooking(): Promise<void> {
    const { account } = this.options;
    while (!this.over.signal.aborted) {
      // A failed query is repeated, because an error of the observation must not end the drill.
      await this.machines.look().catch(() => {});
      this.browsers?.look(this.now());
      await pause(account, 2_000, this.over.signal).catch(() => {});
    }
  }

  private now(): number {
    return this.options.account.clock.now().getTime();
  }

  /** Waits until all participants are in these rooms, see the others and have an endpoint on a bridge. Throws `ParticipantsNotJoined`. */
  private async whole(rooms: readonly WatchedRoom[]): Promise<void> {
    const usable = () => rooms.every((room) => isUsable(room, this.pool.participants, new Set()));
    if (!(await this.until(ENTER_PATIENCE_MS, usable))) throw notReady(rooms, this.pool.participants);
  }
}
