import { z } from 'zod';
import { PORTS } from '../../../contract/ports.js';
import type { Bridge } from '../observation.js';
import type { WarmUp } from '../warm-up/warm-up.js';
import { get, REST_TIMEOUT, read } from './rest.js';

const Statistics = z.object({
  stress_level: z.number(),
  local_endpoints: z.number(),
  conferences: z.number(),
  drain: z.boolean(),
  mucs_joined: z.number(),
  // Nothing but metrics depends on these.
  overall_loss: z.number().optional(),
  total_ice_failed: z.number().optional(),
});

/** Client of the local Videobridge's REST interface. */
export interface Videobridge {
  /** Undefined if Videobridge does not answer. */
  status(): Promise<Bridge | undefined>;
  /** Ids of its MUC clients; undefined if Videobridge does not answer. */
  logins(): Promise<string[] | undefined>;
  /** Adds a MUC client. An existing client with the same id is replaced if its settings differ. */
  logIn(id: string, fields: Readonly<Record<string, string>>): Promise<void>;
  logOut(id: string): Promise<void>;
  /**
   * Asks Jicofo to add no participants here, or to add them again. Jicofo learns of it with the next presence, within
   * 5 s.
   */
  drain(enable: boolean): Promise<void>;
  /**
   * Warms the bridge up for its first participants. Rejects if Videobridge does not answer or a step takes longer
   * than 30 s.
   */
  warmUp(): Promise<WarmUp>;
}

/** Milliseconds. The first conference after a start takes much longer than any other request. */
const CONFERENCE_TIMEOUT = 30_000;

export function videobridge(base = `http://127.0.0.1:${PORTS.bridgeRest}`): Videobridge {
  async function post(path: string, body?: unknown, timeout = REST_TIMEOUT): Promise<Response> {
    const answer = await fetch(`${base}${path}`, {
      method: 'POST',
      signal: AbortSignal.timeout(timeout),
      ...(body !== undefined && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    });
    if (!answer.ok) throw new Error(`Videobridge answered ${answer.status} to ${path}`);
    return answer;
  }
  const send = async (path: string, body?: unknown): Promise<void> => {
    await post(path, body);
  };
  return {
    async status() {
      const [answer, statistics] = await Promise.all([
        get(`${base}/about/health`),
        read(`${base}/colibri/stats`, Statistics),
      ]);
      return (
        answer && {
          healthy: answer.ok,
          statistics: statistics && {
            stress: statistics.stress_level,
            // Videobridge keeps counting an endpoint that disappeared while it was being moved; without a conference
            // there are none.
            participants: statistics.conferences === 0 ? 0 : statistics.local_endpoints,
            draining: statistics.drain,
            breweries: statistics.mucs_joined,
            loss: statistics.overall_loss,
            iceFailed: statistics.total_ice_failed,
          },
        }
      );
    },
    logins: () => read(`${base}/colibri/muc-client/list`, z.array(z.string())),
    logIn: (id, fields) => send('/colibri/muc-client/add', { id, ...fields }),
    logOut: (id) => send('/colibri/muc-client/remove', { id }),
    drain: (enable) => send(`/colibri/drain/${enable ? 'enable' : 'disable'}`),
    async warmUp() {
      // WebRTC is a megabyte of code that is needed once, and on machines in a file of its own, which only bridges fetch.
      const { warmUp } = await import('../warm-up/warm-up.js');
      return warmUp(async (request) => {
        const answer = await post('/colibri/v2/conferences', request, CONFERENCE_TIMEOUT);
        return parseConference(await answer.text());
      });
    },
  };
}

/** A response about a conference. Videobridge of release 10888 and older does not quote the role of SCTP. */
export const parseConference = (text: string): unknown =>
  JSON.parse(text.replace(/"role":([A-Z]+)/g, '"role":"$1"'));
