import type { Clock, EndpointOverride } from '../../cloud/account.js';
import { confirmedAnswer, SHARD_QUERY } from '../../contract/shard-query.js';
import { meaning } from '../probe/connection-errors.js';
import { FOCUS_NOT_READY, PageRequests } from '../probe/page-requests.js';
import type { WebConfig } from '../probe/web-config.js';
import { Participant } from '../probe/xmpp-participant.js';
import type { Noticed, ParticipantEvent } from './events.js';
import { FOCUS_AGAIN, pings, RELOAD_AGAIN, RETRIES, retryDelay, shardCheckDelay } from './web-client.js';

export interface SimulatedClientOptions {
  readonly domain: string;
  readonly room: string;
  /** Gets a token for the room in deployments for members. Default: no token is needed. */
  readonly invitation?: () => Promise<string | undefined>;
  /** Its name in events. */
  readonly who: string;
  readonly clock: Clock;
  readonly endpointOverride?: EndpointOverride;
  /** Called for each event. */
  readonly notice: (event: ParticipantEvent) => void;
  /** A random number from 0 to 1 that spreads retries. Default: `Math.random`. */
  readonly random?: () => number;
}

/** Timeout of a request, a login and a join, in milliseconds. */
const PATIENCE = 10_000;

/**
 * Milliseconds by which a timer is late if this process stood still, as while the template is synthesized. An answer may
 * then have arrived that was not read, which gets the same time.
 */
const STANDSTILL = 500;

/**
 * A participant without a browser that behaves like the web client. It joins a room, accepts the bridges that Jicofo
 * assigns, pings, notices a dead connection, and returns as the client would: first on a new WebSocket, then by starting
 * over.
 */
export class SimulatedClient {
  /** Whether the page or Jicofo is a fake. */
  usesFakes = false;
  private participant: Participant | undefined;
  private config: WebConfig | undefined;
  private entry: PageRequests;
  private token: string | undefined;
  private readonly gone = new AbortController();
  private readonly random: () => number;
  private life: Promise<void> = Promise.resolve();

  constructor(private readonly options: SimulatedClientOptions) {
    this.entry = new PageRequests(options.domain, options.endpointOverride, options);
    this.random = options.random ?? Math.random;
  }

  get who(): string {
    return this.options.who;
  }

  get room(): string {
    return this.options.room;
  }

  /** Joins, and stays until `leave`. Events report whether it got in. */
  start(): void {
    this.life = this.live();
  }

  async leave(): Promise<void> {
    if (this.gone.signal.aborted) return;
    this.gone.abort();
    await this.participant?.leave();
    await this.life;
    await this.entry.close();
    this.tell({ kind: 'left' });
  }

  private async live(): Promise<void> {
    while (!this.hasLeft) {
      let participant = await this.attempt(() => this.startAnew());
      if (!participant) await this.wait(RELOAD_AGAIN);
      while (participant && !this.hasLeft) {
        await this.stay(participant);
        participant = await this.comeBack(participant.shard);
      }
    }
  }

  private get hasLeft(): boolean {
    return this.gone.signal.aborted;
  }

  /** As when the page is loaded: configuration, focus, connection, room. */
  private async startAnew(): Promise<Participant> {
    await this.beInvited();
    const { config } = await this.entry.config(this.soon());
    this.config = config;
    await this.openRoom(config);
    return this.enter(await this.connect(config));
  }

  /** Asks the focus until it is ready for the room, as the page does. */
  private async openRoom(config: WebConfig): Promise<void> {
    const soon = this.soon();
    for (let delay = FOCUS_AGAIN; ; delay *= 2) {
      const { ready } = await this.entry.conference(config, soon);
      if (ready) return;
      await this.wait(delay, soon);
      if (soon.aborted) throw new Error(FOCUS_NOT_READY);
    }
  }

  /**
   * Like the page, tries to resume its session on its shard, and meanwhile queries the room's shard. Undefined if that is
   * another shard, or the session cannot be resumed: then it has to start over once the shard is certain.
   */
  private async comeBack(shard: string): Promise<Participant | undefined> {
    const { config } = this;
    if (!config) return undefined;
    const over = new AbortController();
    const serving = this.confirmedShard(config, over.signal);
    const moved = serving.then((now) => (now === shard ? new Promise<undefined>(() => {}) : undefined));
    const back = await Promise.race([this.resume(config, shard, over.signal), moved]);
    if (!back) await serving;
    over.abort();
    return back;
  }

  /** On a new WebSocket, after a while; undefined when it was refused, or failed too often. */
  private async resume(
    config: WebConfig,
    shard: string,
    over: AbortSignal,
  ): Promise<Participant | undefined> {
    for (let retry = 1; retry <= RETRIES; retry++) {
      await this.wait(retryDelay(retry, this.random), over);
      if (over.aborted || this.hasLeft) return undefined;
      const connected = await this.attempt(() => this.connect(config));
      if (!connected) continue;
      // The web client resumes its session. This one has none, so it requests the room and enters it, with the same effect.
      const back =
        connected.shard === shard && !over.aborted
          ? await this.attempt(async () => {
              await this.openRoom(config);
              return this.enter(connected);
            })
          : undefined;
      if (back) return back;
      connected.drop();
      if (connected.shard !== shard) return undefined;
    }
    return undefined;
  }

  /** The shard that serves the room, once that is certain. The first failure is reported. */
  private async confirmedShard(config: WebConfig, over: AbortSignal): Promise<string | undefined> {
    const answers: (string | undefined)[] = [];
    let isReported = false;
    const ask = async (number: number) => {
      try {
        answers[number] = await this.serving(config, SHARD_QUERY.timeout);
      } catch (error) {
        if (!isReported && !over.aborted && !this.hasLeft)
          this.tell({ kind: 'refused', why: meaning(error) });
        isReported = true;
      }
    };
    for (let number = 0; !over.aborted && !this.hasLeft; number++) {
      void ask(number);
      await this.wait(SHARD_QUERY.interval, over);
      const shard = confirmedAnswer(answers, SHARD_QUERY.confirmations);
      if (shard) return shard;
    }
    return undefined;
  }

  /** The shard that answers for the room. Rejects on an error status or a timeout. */
  private async serving({ websocket }: WebConfig, patience: number): Promise<string> {
    const path = `${new URL(websocket).pathname}?room=${encodeURIComponent(this.room)}`;
    return (await this.entry.get(path, this.soon(patience))).shard;
  }

  private async beInvited(): Promise<void> {
    const { domain, endpointOverride, room, invitation } = this.options;
    if (!invitation || this.token) return;
    this.token = await invitation();
    if (!this.token) return;
    await this.entry.close();
    this.entry = new PageRequests(domain, endpointOverride, { room, token: this.token });
  }

  private soon(patience = PATIENCE): AbortSignal {
    return AbortSignal.any([AbortSignal.timeout(patience), this.gone.signal]);
  }

  private async connect(config: WebConfig): Promise<Participant> {
    const { endpointOverride, room } = this.options;
    const participant = new Participant({
      domain: config.hosts.domain,
      room,
      token: this.token,
      websocket: config.websocket,
      muc: config.hosts.muc,
      ...(endpointOverride && { endpointOverride }),
    });
    this.participant = participant;
    participant.events.on('offered', ({ addresses }) => this.tell({ kind: 'offered', addresses }));
    participant.events.on('ended', () => this.tell({ kind: 'ended' }));
    return orDrop(participant, () => participant.connect(PATIENCE));
  }

  private async enter(participant: Participant): Promise<Participant> {
    await orDrop(participant, () => participant.join(PATIENCE));
    this.usesFakes ||= participant.usesFakes;
    this.tell({ kind: 'joined', shard: participant.shard });
    let people = 0;
    const look = () => {
      const now = participant.occupants.size - Number(participant.occupants.has('focus'));
      if (now !== people) this.tell({ kind: 'sees', people: now });
      people = now;
    };
    participant.events.on('occupants', look);
    look();
    return participant;
  }

  /** Pings while the server is silent. Returns when the connection is dead. */
  private async stay(participant: Participant): Promise<void> {
    const { clock } = this.options;
    const { interval, timeout, threshold } = pings(this.config ?? {});
    const dead = new AbortController();
    if (!participant.connected) return this.lost(participant);
    participant.events.once('lost', () => dead.abort());
    const until = AbortSignal.any([dead.signal, this.gone.signal]);
    void this.checkShard(participant, until);
    let failed = 0;
    for (;;) {
      await clock.wait(interval, until).catch(() => {});
      if (until.aborted) break;
      if (clock.now().getTime() - participant.lastHeard < interval) {
        failed = 0;
        continue;
      }
      const sent = clock.now().getTime();
      participant.ping(timeout).then(
        () => {
          failed = 0;
        },
        async () => {
          if (clock.now().getTime() - sent > timeout + STANDSTILL) await this.wait(STANDSTILL, until);
          failed = participant.lastHeard >= sent ? 0 : failed + 1;
          if (failed >= threshold) participant.drop();
        },
      );
    }
    this.lost(participant);
  }

  /** Queries the room's shard now and then, and drops the connection if it is another one. */
  private async checkShard(participant: Participant, until: AbortSignal): Promise<void> {
    const { clock } = this.options;
    for (;;) {
      const delay = shardCheckDelay(this.config ?? {}, this.random);
      if (!this.config || delay === undefined) return;
      await clock.wait(delay, until).catch(() => {});
      if (until.aborted) return;
      // Without an answer, the pings decide.
      const shard = await this.serving(this.config, PATIENCE).catch(() => undefined);
      if (shard && shard !== participant.shard) return participant.drop();
    }
  }

  private lost(participant: Participant): void {
    participant.events.removeAllListeners();
    if (!this.hasLeft) this.tell({ kind: 'lost', heard: participant.lastHeard });
  }

  /** Reports a failure; the caller tries again later. */
  private async attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (!this.hasLeft) this.tell({ kind: 'refused', why: meaning(error) });
      return undefined;
    }
  }

  private async wait(milliseconds: number, over?: AbortSignal): Promise<void> {
    const until = over ? AbortSignal.any([over, this.gone.signal]) : this.gone.signal;
    await this.options.clock.wait(milliseconds, until).catch(() => {});
  }

  private tell(noticed: Noticed): void {
    const { room, who, clock, notice } = this.options;
    notice({ at: clock.now().getTime(), room, who, ...noticed });
  }
}

async function orDrop(participant: Participant, work: () => Promise<void>): Promise<Participant> {
  try {
    await work();
    return participant;
  } catch (error) {
    participant.drop();
    throw error;
  }
}
