import { setTimeout } from 'node:timers/promises';
import { type Refusal, verify } from '../../contract/tokens.js';
import { xmppNames } from '../render/xmpp-names.js';
import type { IsBreakoutRoom } from './breakout-rooms.js';
import { type ConferenceRequest, type RawRequest, readRequest } from './conference-request.js';
import type { Conferences } from './conferences.js';
import { Budget } from './request-budget.js';
import type { HasStarted } from './sign-in/started-meetings.js';

/**
 * Units that one network may spend on requests for conferences: one for a room that is open, ten for one that Jicofo has to
 * open. A client gives up when a request is refused. So the budget is enough for a school with one address, whose 500 people
 * come back to 50 lessons at the same moment when a shard has died.
 */
const NETWORK_BUDGET = { most: 1000, perSecond: 20 };
const OPENING_COSTS = 10;
/** Requests with one token. One link may have been sent to a whole class. */
const TOKEN_BUDGET = { most: 100, perSecond: 5 };

/** Milliseconds. Pages notice a dead shard after 3 to 9 s. */
const HOST_PATIENCE = 10_000;
const BETWEEN_QUESTIONS = 250;

export interface Reply {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface AdmissionRequest extends RawRequest {
  /** The participant's network, as the edge names it. */
  readonly network: string;
  /** The header `Authorization`. */
  readonly authorization: string | undefined;
  /** Whether it comes from a recorder. */
  readonly recorder?: boolean | undefined;
}

export interface ConferenceAdmission {
  readonly domain: string;
  /** Key of invitations; undefined if meetings are open to all. */
  readonly key: string | undefined;
  readonly conferences: Conferences;
  readonly isBreakoutRoom: IsBreakoutRoom;
  /** Unset: no token asks for it. */
  readonly hasStarted?: HasStarted | undefined;
  /** Milliseconds for which a guest's request waits for a host. Default: 10 s. */
  readonly hostPatience?: number | undefined;
}

/** Handles conference requests: checks whether the participant may open the conference, and has Jicofo open it. */
export function conferenceAdmission(
  settings: ConferenceAdmission,
): (request: AdmissionRequest, now: Date) => Promise<Reply> {
  const networks = new Budget(NETWORK_BUDGET);
  const tokens = new Budget(TOKEN_BUDGET);
  const { domain, key, conferences } = settings;

  return async (raw, now) => {
    const { network } = raw;
    if (!networks.spend(network, 1, now.getTime())) return TOO_MANY;
    const request = readRequest(raw, domain);
    if ('status' in request) return refused(request.status, request.why);
    if (raw.recorder) return forRecorder(request);
    let { meetings } = request;
    if (key !== undefined) {
      const token = /^Bearer (\S+)$/i.exec(raw.authorization ?? '')?.[1];
      const verified = await verify(token, domain, key, now);
      if ('why' in verified) return refused(403, verified.why);
      if (request.tenant || !meetings.includes(verified.room)) return refused(403, 'room');
      meetings = [verified.room];
      if (!tokens.spend(verified.signed, 1, now.getTime())) return TOO_MANY;
      // A breakout room exists only in a meeting that has started.
      if (verified.needsHost && !request.breakout && !(await hostComes(verified.room)))
        return refused(403, 'host');
    }
    if (request.breakout && !(await belongs(request, meetings))) return refused(404, 'room');
    if (!conferences.isOpen(request.address) && !networks.spend(network, OPENING_COSTS - 1, now.getTime()))
      return TOO_MANY;
    return outcome(request, network);
  };

  /** A recorder opens no conference: it was called to one. Prosody refuses it if the meeting has ended. */
  function forRecorder({ address }: ConferenceRequest): Reply {
    const focusJid = xmppNames(domain).focusAccount;
    return { status: 200, body: { room: address, ready: true, focusJid, properties: {} } };
  }

  /**
   * If a shard fails, a guest may come to another one earlier than the host. Refused, their page would load itself, and they
   * would wait there.
   */
  async function hostComes(room: string): Promise<boolean> {
    const { hasStarted, hostPatience = HOST_PATIENCE } = settings;
    const deadline = Date.now() + hostPatience;
    while (!(await hasStarted?.(room))) {
      if (!hasStarted || Date.now() >= deadline) return false;
      await setTimeout(BETWEEN_QUESTIONS);
    }
    return true;
  }

  async function belongs(
    { address, tenant }: ConferenceRequest,
    meetings: readonly string[],
  ): Promise<boolean> {
    for (const meeting of meetings) {
      const room = tenant ? `[${tenant}]${meeting}` : meeting;
      if (await settings.isBreakoutRoom(address, room)) return true;
    }
    return false;
  }

  async function outcome({ address, properties }: ConferenceRequest, network: string): Promise<Reply> {
    const opened = await conferences.open(address, properties, network);
    if (opened === 'busy') return TRY_AGAIN;
    if (opened === 'failed') return { status: 502, body: { error: 'not-opened' } };
    const { ready, focusJid } = opened;
    return { status: 200, body: { room: address, ready, focusJid, properties: opened.properties } };
  }
}

const refused = (status: number, why: Refusal | string): Reply => ({
  status,
  body: { error: status === 403 ? 'not-allowed' : 'bad-request', why },
});
const TOO_MANY: Reply = { status: 429, body: { error: 'too-many-requests' } };
const TRY_AGAIN: Reply = { status: 503, body: { error: 'busy' } };
