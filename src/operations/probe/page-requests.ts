import type { RequestInit } from 'undici';
import { z } from 'zod';
import type { EndpointOverride } from '../../cloud/account.js';
import { participantFetch } from './connect.js';
import { readWebConfig, type WebConfig } from './web-config.js';

export interface ShardResponse {
  readonly text: string;
  /** `x-jitsi-shard`: the shard that answered; empty if the response has no such header. */
  readonly shard: string;
}

const ConferenceAnswer = z.object({ ready: z.boolean(), focusJid: z.string() });

/** The error of a caller that gives up on a focus that is not ready. */
export const FOCUS_NOT_READY = 'the focus (Jicofo) is not ready for the room';

/** Requests of the page before it connects: its configuration, and the focus for the room. */
export class PageRequests {
  private readonly web;

  constructor(
    private readonly domain: string,
    endpointOverride: EndpointOverride | undefined,
    private readonly guest: { readonly room: string; readonly token?: string | undefined },
  ) {
    this.web = participantFetch(domain, endpointOverride);
  }

  /** Gets a path. Throws unless the status is 200. */
  async get(path: string, signal: AbortSignal, init: RequestInit = {}): Promise<ShardResponse> {
    const { status, ...answer } = await this.ask(path, signal, init);
    if (status !== 200) throw new Error(`${path.split('?')[0]} answered ${status}`);
    return answer;
  }

  /** Gets a path, with any status. */
  async ask(
    path: string,
    signal: AbortSignal,
    init: RequestInit = {},
  ): Promise<ShardResponse & { status: number }> {
    const response = await this.web.fetch(path, { signal, ...init });
    const text = await response.text();
    return { status: response.status, text, shard: response.headers.get('x-jitsi-shard') ?? '' };
  }

  async config(signal: AbortSignal): Promise<{ config: WebConfig; shard: string }> {
    const { text, shard } = await this.get(`/config.js?room=${encodeURIComponent(this.guest.room)}`, signal);
    const config = readWebConfig(text);
    const { hostname } = new URL(config.websocket);
    if (hostname === this.domain) return { config, shard };
    throw new Error(`config.js sends participants to ${hostname} instead of ${this.domain}`);
  }

  /** Has the focus open the room. It is not ready while it has no connection to Prosody, and is asked again. */
  async conference(
    config: WebConfig,
    signal: AbortSignal,
  ): Promise<{ focus: string; shard: string; ready: boolean }> {
    const { room, token } = this.guest;
    const path = config.conferenceRequestUrl
      ? new URL(config.conferenceRequestUrl).pathname
      : '/conference-request/v1';
    const { text, shard } = await this.get(`${path}?room=${encodeURIComponent(room)}`, signal, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify({ room: `${room}@${config.hosts.muc}`, properties: {} }),
    });
    const answer = ConferenceAnswer.safeParse(parseJson(text));
    if (!answer.success) throw new Error(`the focus answered something else: ${text.slice(0, 200)}`);
    return { focus: answer.data.focusJid, shard, ready: answer.data.ready };
  }

  async close(): Promise<void> {
    await this.web.close();
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
