import { z } from 'zod';
import { PORTS } from '../../../contract/ports.js';
import type { Bridge } from '../observation.js';
import type { WarmUp } from '../warm-up/warm-up.js';
import { get, PATIENCE, read } from './rest.js';

const Statistics = z.object({
  stress_level: z.number(),
  local_endpoints: z.number(),
  conferences: z.number(),
  drain: z.boolean(),
  mucs_joined: z.number(),
});

/** The Videobridge of this machine, as its REST interface lets it be looked at and spoken to. */
export interface Videobridge {
  /** Undefined: it does not answer. */
  look(): Promise<Bridge | undefined>;
  /** Ids of its logins; undefined: it does not answer. */
  logins(): Promise<string[] | undefined>;
  /** Another machine under an id that is there takes the place of the one before; the same changes nothing. */
  logIn(id: string, fields: Readonly<Record<string, string>>): Promise<void>;
  logOut(id: string): Promise<void>;
  /** Asks focuses to put nobody new here, or takes that back. They hear of it with the next presence, within 5 s. */
  drain(enable: boolean): Promise<void>;
  /** Makes it ready to take people at once. Rejects when it cannot be asked, or one step takes it longer than 30 s. */
  warmUp(): Promise<WarmUp>;
}

/** Milliseconds. The first meeting after its start takes it longer than any other answer. */
const PATIENCE_FOR_MEETING = 30_000;

export function videobridge(base = `http://127.0.0.1:${PORTS.bridgeRest}`): Videobridge {
  async function ask(path: string, body?: unknown, patience = PATIENCE): Promise<Response> {
    const answer = await fetch(`${base}${path}`, {
      method: 'POST',
      signal: AbortSignal.timeout(patience),
      ...(body !== undefined && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    });
    if (!answer.ok) throw new Error(`Videobridge answered ${answer.status} to ${path}`);
    return answer;
  }
  const tell = async (path: string, body?: unknown): Promise<void> => {
    await ask(path, body);
  };
  return {
    async look() {
      const [answer, statistics] = await Promise.all([
        get(`${base}/about/health`),
        read(`${base}/colibri/stats`, Statistics),
      ]);
      return (
        answer && {
          healthy: answer.ok,
          statistics: statistics && {
            stress: statistics.stress_level,
            // One that vanished while it was moved stays counted; a bridge without a conference has nobody.
            participants: statistics.conferences === 0 ? 0 : statistics.local_endpoints,
            draining: statistics.drain,
            breweries: statistics.mucs_joined,
          },
        }
      );
    },
    logins: () => read(`${base}/colibri/muc-client/list`, z.array(z.string())),
    logIn: (id, fields) => tell('/colibri/muc-client/add', { id, ...fields }),
    logOut: (id) => tell('/colibri/muc-client/remove', { id }),
    drain: (enable) => tell(`/colibri/drain/${enable ? 'enable' : 'disable'}`),
    async warmUp() {
      // WebRTC is a megabyte of code that is needed once, and on machines in a file of its own, which only bridges fetch.
      const { warmUp } = await import('../warm-up/warm-up.js');
      return warmUp(async (request) => {
        const answer = await ask('/colibri/v2/conferences', request, PATIENCE_FOR_MEETING);
        return answer.json();
      });
    },
  };
}
