import { BREAKOUT_ROOM_PATH } from '../../contract/machine-layout.js';
import { askProsody } from './ask-prosody.js';

/** Whether a breakout room exists and belongs to a meeting. Rejects if Prosody does not answer. */
export type IsBreakoutRoom = (breakout: string, meeting: string) => Promise<boolean>;

/** From Prosody, which creates breakout rooms. `meeting`: name of the meeting's room in Prosody. */
export const breakoutRooms =
  (domain: string): IsBreakoutRoom =>
  (breakout, meeting) =>
    askProsody(domain, BREAKOUT_ROOM_PATH, { breakout, meeting });
