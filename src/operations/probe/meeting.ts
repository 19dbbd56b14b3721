import type { RequestInit } from 'undici';
import type { Clock, EndpointOverride } from '../../cloud/account.js';
import { tryBosh } from './bosh.js';
import { meaning } from './connection-errors.js';
import { FOCUS_NOT_READY, PageRequests, type ShardResponse } from './page-requests.js';
import { probeRoom } from './room-name.js';
import type { WebConfig } from './web-config.js';
import { Participant } from './xmpp-participant.js';

/**
 * Steps of a participant, in this order: load the page, read its configuration, request the conference, connect and log in,
 * enter the room and wait for the focus, get the offer of a session once a second participant has joined, and finally connect
 * over BOSH. If meetings are for members, the first step checks that joining without an invitation is refused.
 */
export type ProbeStepName = 'refusal' | 'page' | 'config' | 'focus' | 'websocket' | 'join' | 'call' | 'bosh';

export interface ProbeStep {
  readonly name: ProbeStepName;
  readonly ok: boolean;
  readonly seconds: number;
  /** The observation, or the failure and its meaning. */
  readonly detail: string;
}

export interface ProbeResult {
  readonly ok: boolean;
  readonly steps: readonly ProbeStep[];
  /** The shard of the room; empty if responses did not name it. */
  readonly shard: string;
  /** Whether the page or the focus is a fake. If so, the result says nothing about media. */
  readonly usesFakes: boolean;
}

/** Messages of failed steps. */
export const FAKES_ANSWERED =
  'The page, Jicofo and the bridge are fakes: signalling is real, media does not exist.';

export interface ProbeOptions {
  readonly clock: Clock;
  readonly endpointOverride?: EndpointOverride;
  /** Default: `probeRoom()`, a unique name. */
  readonly room?: string;
  /** A token for `room`, if meetings are for members. */
  readonly token?: string | undefined;
  /** Timeout of each response in milliseconds. Default: by step, see `PATIENCE`. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
  /** Called after each step. */
  readonly onStep?: (step: ProbeStep) => void;
}

/** Milliseconds. A cold bridge takes seconds for its first conference, and the focus tries another one if it fails. */
const PATIENCE: Readonly<Record<ProbeStepName, number>> = {
  refusal: 10_000,
  page: 10_000,
  config: 10_000,
  focus: 30_000,
  websocket: 10_000,
  join: 15_000,
  call: 30_000,
  bosh: 10_000,
};

/**
 * Joins a meeting as participants do, over the public address, up to the offer of a session. It stops at the first step
 * that fails, and always leaves. It does not test media, for which browsers are needed (see `probeBrowsers`).
 */
export async function probeMeeting(domain: string, options: ProbeOptions): Promise<ProbeResult> {
  const probe = new Probe(domain, options);
  try {
    await probe.run();
    return probe.result(true);
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    return probe.result(false);
  } finally {
    await probe.leave();
  }
}

/** Ends the probe after a failed step, which has been reported. */
class Stop extends Error {}

class Probe {
  private readonly entry: PageRequests;
  private readonly room: string;
  private readonly steps: ProbeStep[] = [];
  private readonly participants: Participant[] = [];
  private shard = '';
  private usesFakes = false;

  constructor(
    private readonly domain: string,
    private readonly options: ProbeOptions,
  ) {
    this.room = (options.room ?? probeRoom()).toLowerCase();
    this.entry = new PageRequests(domain, options.endpointOverride, {
      room: this.room,
      token: options.token,
    });
  }

  async run(): Promise<void> {
    if (this.options.token) await this.step('refusal', (patience) => this.tryWithoutInvitation(patience));
    await this.step('page', (patience) => this.loadPage(patience));
    const config = await this.step('config', (patience) => this.loadConfig(patience));
    await this.step('focus', (patience) => this.requestConference(config, patience));
    const one = this.participant(config, this.options.token);
    await this.step('websocket', async (patience) => {
      await one.connect(patience);
      this.seeShard(one.shard);
      return `logged in${this.options.token ? ' with an invitation' : ' as a guest'}${one.shard && ` on shard ${one.shard}`}`;
    });
    await this.step('join', async (patience) => {
      await one.join(patience);
      this.usesFakes ||= one.usesFakes;
      return 'in the room, and the focus too';
    });
    await this.step('call', async (patience) => {
      const two = this.participant(config, this.options.token);
      await two.connect(patience);
      this.seeShard(two.shard);
      await two.join(patience);
      await Promise.all([one.invitation(patience), two.invitation(patience)]);
      return 'a second participant came, and the focus offered both a session on a bridge';
    });
    await this.step('bosh', (patience) => this.tryBosh(config, patience));
  }

  result(ok: boolean): ProbeResult {
    return { ok, steps: this.steps, shard: this.shard, usesFakes: this.usesFakes };
  }

  async leave(): Promise<void> {
    await Promise.all(this.participants.map((participant) => participant.leave()));
    await this.entry.close();
  }

  /** The page refuses; Prosody, which decides, must refuse too. */
  private async tryWithoutInvitation(patience: number): Promise<string> {
    const page = await this.entry.ask(`/${this.room}`, this.within(patience));
    if (page.status !== 403)
      throw new Error(
        `the page answered ${page.status} instead of 403 to a participant without an invitation`,
      );
    const { status } = await this.entry.ask(
      `/conference-request/v1?room=${this.room}`,
      this.within(patience),
      {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ room: `${this.room}@conference.${this.domain}` }),
      },
    );
    if (status !== 403)
      throw new Error(
        `the conference request answered ${status} instead of 403 to a participant without an invitation`,
      );
    const stranger = this.participant({
      hosts: { domain: this.domain, muc: `conference.${this.domain}` },
      websocket: `wss://${this.domain}/xmpp-websocket`,
    });
    const why = await stranger.connect(patience).then(
      () => 'let in',
      (error: Error) => `${error.name}: ${error.message}`,
    );
    if (!why.includes('not-allowed'))
      throw new Error(`Prosody did not refuse a participant without an invitation: ${why}`);
    return 'nobody gets in without an invitation';
  }

  private async loadPage(patience: number): Promise<string> {
    const { token } = this.options;
    const { text } = await this.get(`/${this.room}${token ? `?jwt=${token}` : ''}`, patience);
    if (!/<title>/i.test(text) || !/id=["']?react["'\s>]/.test(text)) {
      throw new Error('this is not the page of a meeting: something else is served at this name');
    }
    if (text.includes('<!--#')) throw new Error('the page was served raw: nginx did not put its includes in');
    this.usesFakes = text.includes('data-fake');
    return this.usesFakes ? 'the page of a fake' : 'the page of a meeting';
  }

  private async loadConfig(patience: number): Promise<WebConfig> {
    const { config, shard } = await this.entry.config(this.within(patience));
    this.seeShard(shard);
    return config;
  }

  private async requestConference(config: WebConfig, patience: number): Promise<string> {
    const { focus, shard, ready } = await this.entry.conference(config, this.within(patience));
    this.seeShard(shard);
    if (!ready) throw new Error(FOCUS_NOT_READY);
    return `${focus} is ready`;
  }

  private async tryBosh(config: WebConfig, patience: number): Promise<string> {
    if (!config.bosh)
      throw new Error('config.js names no BOSH address, so networks without WebSocket are shut out');
    const guest = { room: this.room, token: this.options.token };
    return tryBosh(new URL(config.bosh), config.hosts.domain, guest, async (path, body) => {
      const headers = { 'content-type': 'text/xml; charset=utf-8' };
      const { text, shard } = await this.get(path, patience, { method: 'POST', headers, body });
      this.seeShard(shard);
      return text;
    });
  }

  private participant(config: WebConfig, token?: string): Participant {
    const { endpointOverride } = this.options;
    const participant = new Participant({
      domain: config.hosts.domain,
      room: this.room,
      token,
      websocket: config.websocket,
      muc: config.hosts.muc,
      ...(endpointOverride && { endpointOverride }),
    });
    this.participants.push(participant);
    return participant;
  }

  private get(path: string, patience: number, init: RequestInit = {}): Promise<ShardResponse> {
    return this.entry.get(path, this.within(patience), init);
  }

  private within(patience: number): AbortSignal {
    return AbortSignal.any([
      AbortSignal.timeout(patience),
      ...(this.options.signal ? [this.options.signal] : []),
    ]);
  }

  /** All requests of a room must be served by one shard. With two, the meeting would be split. */
  private seeShard(shard: string): void {
    if (shard && this.shard && shard !== this.shard) {
      throw new Error(
        `the room is split: some requests were served by shard ${this.shard}, this one by ${shard}`,
      );
    }
    this.shard ||= shard;
  }

  private async step<T>(name: ProbeStepName, work: (patience: number) => Promise<T>): Promise<T> {
    const { clock, timeout, signal, onStep } = this.options;
    const from = clock.now().getTime();
    const tell = (ok: boolean, detail: string) => {
      const step = { name, ok, seconds: (clock.now().getTime() - from) / 1000, detail };
      this.steps.push(step);
      onStep?.(step);
    };
    try {
      signal?.throwIfAborted();
      const result = await abortable(work(timeout ?? PATIENCE[name]), signal);
      tell(true, typeof result === 'string' ? result : '');
      return result;
    } catch (error) {
      // An abort is not reported as a broken meeting.
      if (signal?.aborted) throw signal.reason;
      tell(false, meaning(error));
      throw new Stop();
    }
  }
}

function abortable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return Promise.race([
    work,
    new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    }),
  ]);
}
