import type { Account } from '../../cloud/account.js';
import type { Deployment } from '../../config/deployment.js';
import { probeToken } from '../invite.js';
import { meaning } from '../probe/connection-errors.js';
import { PageRequests } from '../probe/page-requests.js';
import type { ParticipantEvent, RequestEvent } from './events.js';
import { SimulatedClient } from './simulated-client.js';

/** Interval between requests for a room. */
const BETWEEN_REQUESTS_MS = 500;
const REQUEST_PATIENCE_MS = 5_000;

/** Participants of a drill, and their observations. */
export class ParticipantPool {
  readonly participants: ParticipantEvent[] = [];
  readonly requests: RequestEvent[] = [];
  private readonly watchers: SimulatedClient[] = [];
  private readonly invitations = new Map<string, Promise<string | undefined>>();
  private readonly over = new AbortController();
  private readonly asking: Promise<void>[] = [];
  private count = 0;

  constructor(
    private readonly account: Account,
    private readonly deployment: Pick<Deployment, 'name' | 'domain' | 'access'>,
  ) {}

  get usesFakes(): boolean {
    return this.watchers.some(({ usesFakes }) => usesFakes);
  }

  /** Adds a participant to a room. Returns their name. */
  send(room: string): string {
    const watcher = new SimulatedClient({
      domain: this.deployment.domain,
      room,
      invitation: () => this.invitation(room),
      who: `participant ${++this.count}`,
      clock: this.account.clock,
      ...(this.account.endpointOverride && { endpointOverride: this.account.endpointOverride }),
      notice: (event) => this.participants.push(event),
    });
    this.watchers.push(watcher);
    watcher.start();
    return watcher.who;
  }

  /** Requests a room repeatedly, each time on a new connection like a new participant's page, until the end of the drill. */
  ask(room: string): void {
    this.asking.push(this.keepAsking(room));
  }

  /** Participants of these rooms leave. */
  async dismiss(rooms: ReadonlySet<string>): Promise<void> {
    await Promise.all(this.watchers.filter(({ room }) => rooms.has(room)).map((watcher) => watcher.leave()));
  }

  /** All participants leave. */
  async close(): Promise<void> {
    this.over.abort();
    await Promise.all([...this.watchers.map((watcher) => watcher.leave()), ...this.asking]);
  }

  /** A list for each participant in a room. */
  private invitation(room: string): Promise<string | undefined> {
    const known = this.invitations.get(room) ?? probeToken(this.account, this.deployment, room);
    this.invitations.set(room, known);
    return known;
  }

  private async keepAsking(room: string): Promise<void> {
    const { clock, endpointOverride } = this.account;
    const { signal } = this.over;
    while (!signal.aborted) {
      const entry = new PageRequests(this.deployment.domain, endpointOverride, { room });
      const from = clock.now().getTime();
      const within = AbortSignal.any([AbortSignal.timeout(REQUEST_PATIENCE_MS), signal]);
      const answer = await entry.config(within).then(
        ({ shard }) => ({ ok: true, shard, why: '' }),
        (error: unknown) => ({ ok: false, shard: '', why: meaning(error) }),
      );
      await entry.close();
      if (!signal.aborted) this.requests.push({ at: from, room, ...answer });
      await clock.wait(BETWEEN_REQUESTS_MS, signal).catch(() => {});
    }
  }
}
