import { EventEmitter } from 'node:events';
import { createContext, runInContext } from 'node:vm';
import { expect, it, vi } from 'vitest';
import script from '../senders.text.js';

const AGENT_PATHS = 'rtc.sender_video_constraints_changed';

/** The client's session with the bridge. A test decides when each call completes; the last completed call takes effect. */
class Session {
  sends = true;
  readonly pending: (() => void)[] = [];

  async setMediaTransferActive(active: boolean): Promise<void> {
    if (this.sends === active) return;
    await new Promise<void>((done) => this.pending.push(done));
    this.sends = active;
  }
}

/** The parts of a client's conference that the script uses. `sent`: the requested videos, in order. */
function conference({ rtc = true } = {}) {
  const sent: string[] = [];
  const bridge = new EventEmitter();
  bridge.on(AGENT_PATHS, ({ sourceName, maxHeight }) => sent.push(`${sourceName} ${maxHeight}`));
  const made = Object.assign(
    new EventEmitter(),
    { jvbJingleSession: new Session() },
    rtc && { rtc: { eventEmitter: bridge } },
  );
  class JitsiConnection {
    initJitsiConference() {
      return made;
    }
  }
  const library = {
    JitsiConnection,
    events: { conference: { P2P_STATUS: 'p2p', SERVER_REGION_CHANGED: 'region' } },
  };
  const context = createContext({ JitsiMeetJS: library, console: { warn: () => {} } });
  context.window = context;
  runInContext(script, context);
  expect(new library.JitsiConnection().initJitsiConference()).toBe(made);
  made.emit('region');
  return {
    sent,
    session: made.jvbJingleSession,
    /** The bridge asks for a camera. */
    asks: (sourceName: string, maxHeight: number) => bridge.emit(AGENT_PATHS, { sourceName, maxHeight }),
    /** Two people talk directly from now on, or not any more. */
    talksDirectly: (directly: boolean) => made.emit('p2p', made, directly),
  };
}

it('repeats the bridge’s last request to the client once media goes through the bridge again', () => {
  const { sent, asks, talksDirectly } = conference();
  asks('ada-v0', 180);
  asks('ada-v1', 720);
  talksDirectly(true);
  asks('ada-v0', 360);
  sent.length = 0;
  talksDirectly(false);
  expect(sent).toEqual(['ada-v0 360', 'ada-v1 720']);
});

it('repeats nothing if a direct connection starts, or the bridge requested nothing', () => {
  const { sent, talksDirectly } = conference();
  talksDirectly(true);
  talksDirectly(false);
  expect(sent).toEqual([]);
});

it('sends to the bridge again if a direct connection ends before sending to the bridge has stopped', async () => {
  const { session, talksDirectly } = conference();
  talksDirectly(true);
  const ceased = session.setMediaTransferActive(false);
  const again = session.setMediaTransferActive(true);
  talksDirectly(false);
  await vi.waitFor(() => expect(session.pending).toHaveLength(1));
  session.pending[0]?.();
  await ceased;
  expect(session.sends).toBe(false);
  await vi.waitFor(() => expect(session.pending).toHaveLength(2));
  session.pending[1]?.();
  await again;
  expect(session.sends).toBe(true);
});

it('lets the client create other kinds of conferences', () => {
  expect(() => conference({ rtc: false }).talksDirectly(false)).not.toThrow();
});
