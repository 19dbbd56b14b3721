import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Clock, Reach } from '../../cloud/account.js';
import { Participant } from './participant.js';
import { participantFetch } from './reachable.js';

export interface ProbeStep {
  readonly name: 'page' | 'config' | 'focus' | 'websocket' | 'join';
  readonly ok: boolean;
  readonly seconds: number;
  readonly detail: string;
}

export interface ProbeResult {
  readonly ok: boolean;
  readonly steps: readonly ProbeStep[];
  /** Which shard served the room; empty when the answers did not say. */
  readonly shard: string;
  /** Whether the page says of itself that it is an understudy of the Jitsi client. */
  readonly understudied: boolean;
}

export interface ProbeOptions {
  readonly clock: Clock;
  readonly reach?: Reach;
  /** Default: a name that nobody else uses. */
  readonly room?: string;
  /** Milliseconds that each answer may take. Default: 10 000. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
}

/** What the probe needs of the page's configuration. */
const WebConfig = z.object({
  hosts: z.object({ domain: z.string(), muc: z.string() }),
  websocket: z.url({ protocol: /^wss$/ }),
});

const ConferenceAnswer = z.object({ ready: z.boolean(), focusJid: z.string() });

/**
 * Joins a meeting as a participant does, over the public address: page, configuration, conference request, WebSocket,
 * room, focus. It stops at the first step that fails. It says nothing about media: that takes browsers.
 */
export async function probeMeeting(domain: string, options: ProbeOptions): Promise<ProbeResult> {
  const { clock, reach, timeout = 10_000 } = options;
  const room = options.room ?? `convoke-probe-${randomBytes(6).toString('hex')}`;
  const web = participantFetch(domain, reach);
  const steps: ProbeStep[] = [];
  let shard = '';
  let understudied = false;
  let participant: Participant | undefined;

  const signal = () =>
    AbortSignal.any([AbortSignal.timeout(timeout), ...(options.signal ? [options.signal] : [])]);
  const get = async (path: string, init: Parameters<typeof web.fetch>[1] = {}) => {
    const response = await web.fetch(path, { signal: signal(), ...init });
    if (response.status !== 200) throw new Error(`${path} answered ${response.status}`);
    shard = response.headers.get('x-jitsi-shard') ?? shard;
    return response.text();
  };
  const step = async <T>(name: ProbeStep['name'], work: () => Promise<T>): Promise<T> => {
    const from = clock.now().getTime();
    const seconds = () => (clock.now().getTime() - from) / 1000;
    try {
      const result = await work();
      steps.push({ name, ok: true, seconds: seconds(), detail: '' });
      return result;
    } catch (error) {
      steps.push({ name, ok: false, seconds: seconds(), detail: reason(error) });
      throw new Stop();
    }
  };

  try {
    await step('page', async () => {
      const page = await get(`/${room}`);
      if (!/<title>/i.test(page)) throw new Error('the page has no title, so it is not a meeting page');
      understudied = page.includes('data-understudy');
    });
    const config = await step('config', async () => parseWebConfig(await get(`/config.js?room=${room}`)));
    await step('focus', async () => {
      const answer = await get(`/conference-request/v1?room=${room}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ room: `${room}@${config.hosts.muc}`, properties: {} }),
      });
      if (!ConferenceAnswer.parse(JSON.parse(answer)).ready)
        throw new Error('the focus is not ready for the room');
    });
    const one = new Participant({
      domain: config.hosts.domain,
      room,
      websocket: config.websocket,
      muc: config.hosts.muc,
      timeout,
      ...(reach && { reach }),
    });
    participant = one;
    await step('websocket', () => one.connect());
    shard = one.shard || shard;
    await step('join', () => one.join('probe'));
    return { ok: true, steps, shard, understudied };
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    return { ok: false, steps, shard, understudied };
  } finally {
    await participant?.leave();
    await web.close();
  }
}

/** Ends the probe after a failed step, which has told what it was. */
class Stop extends Error {}

/** The configuration is a script; convoke writes it as one JSON object, so it is read without running anything. */
export function parseWebConfig(script: string): z.infer<typeof WebConfig> {
  const literal = /var config = (\{[\s\S]*?\});\n/.exec(script)?.[1];
  if (!literal) throw new Error('config.js holds no configuration');
  return WebConfig.parse(JSON.parse(literal));
}

/** The innermost cause says what happened; fetch wraps it in "fetch failed". */
function reason(error: unknown): string {
  let inner = error;
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause;
  return inner instanceof Error ? inner.message || inner.name : String(inner);
}
