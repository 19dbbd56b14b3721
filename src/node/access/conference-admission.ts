import { type Refusal, verify } from '../../contract/tokens.js';
import type { IsBreakoutRoom } from './breakout-rooms.js';
import { Budget } from './budget.js';
import { type ConferenceRequest, type RawRequest, readRequest } from './conference-request.js';
import type { Conferences } from './conferences.js';

/**
 * Units that one network may spend on requests for conferences: one for a room that is open, ten for one that Jicofo has to
 * open. A client gives up when a request is refused. So the budget is enough for a school with one address, whose 500 people
 * come back to 50 lessons at the same moment when a shard has died.
 */
const FOR_A_NETWORK = { most: 1000, perSecond: 20 };
const OPENING_COSTS = 10;
/** Requests with one token. A link may have been sent to a whole class. */
const FOR_A_TOKEN = { most: 100, perSecond: 5 };

export interface Reply {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Asking extends RawRequest {
  /** The participant's network, as the edge names it. */
  readonly network: string;
  /** The header `Authorization`. */
  readonly authorization: string | undefined;
}

export interface ConferenceAdmission {
  readonly domain: string;
  /** The key of invitations; undefined where meetings are open. */
  readonly key: string | undefined;
  readonly conferences: Conferences;
  readonly isBreakoutRoom: IsBreakoutRoom;
}

/** Answers requests for conferences: looks whether one may be had, and has Jicofo open it. */
export function conferenceAdmission(
  around: ConferenceAdmission,
): (asking: Asking, now: Date) => Promise<Reply> {
  const networks = new Budget(FOR_A_NETWORK);
  const tokens = new Budget(FOR_A_TOKEN);
  const { domain, key, conferences } = around;

  return async (asking, now) => {
    const { network } = asking;
    if (!networks.spend(network, 1, now.getTime())) return TOO_MANY;
    const request = readRequest(asking, domain);
    if ('status' in request) return refused(request.status, request.why);
    let { meetings } = request;
    if (key !== undefined) {
      const token = /^Bearer (\S+)$/i.exec(asking.authorization ?? '')?.[1];
      const verified = await verify(token, domain, key, now);
      if ('why' in verified) return refused(403, verified.why);
      if (request.tenant || !meetings.includes(verified.room)) return refused(403, 'room');
      meetings = [verified.room];
      if (!tokens.spend(verified.signed, 1, now.getTime())) return TOO_MANY;
    }
    if (request.breakout && !(await belongs(request, meetings))) return refused(404, 'room');
    if (!conferences.isOpen(request.address) && !networks.spend(network, OPENING_COSTS - 1, now.getTime()))
      return TOO_MANY;
    return outcome(request, network);
  };

  async function belongs(
    { address, tenant }: ConferenceRequest,
    meetings: readonly string[],
  ): Promise<boolean> {
    for (const meeting of meetings) {
      const room = tenant ? `[${tenant}]${meeting}` : meeting;
      if (await around.isBreakoutRoom(address, room)) return true;
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
