import { BREAKOUT_ROOM_PATH } from '../../contract/machine-layout.js';
import { PORTS } from '../../contract/ports.js';

/** Milliseconds. Prosody answers from memory. */
const TIMEOUT = 3_000;

/** Whether a breakout room exists and belongs to a meeting. Rejects if Prosody does not answer. */
export type IsBreakoutRoom = (breakout: string, meeting: string) => Promise<boolean>;

/** Asks Prosody, which creates breakout rooms. `meeting`: name of the meeting's room in Prosody. */
export function askProsody(domain: string, base = `http://127.0.0.1:${PORTS.prosodyHttp}`): IsBreakoutRoom {
  return async (breakout, meeting) => {
    const query = new URLSearchParams({ breakout, meeting });
    const answer = await fetch(`${base}${BREAKOUT_ROOM_PATH}?${query}`, {
      headers: { host: domain },
      signal: AbortSignal.timeout(TIMEOUT),
    });
    const text = await answer.text();
    if (answer.status === 200 && (text === 'yes' || text === 'no')) return text === 'yes';
    throw new Error(`Prosody answered ${answer.status} to a query for a breakout room`);
  };
}
