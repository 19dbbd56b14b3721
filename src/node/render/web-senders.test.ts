import { EventEmitter } from 'node:events';
import { createContext, runInContext } from 'node:vm';
import { expect, it } from 'vitest';
import { SENDERS } from './web-senders.js';

const ASKED = 'rtc.sender_video_constraints_changed';

/** A conference of the client, as far as the script touches it: `sent` is what it was told to send, in order. */
function conference({ rtc = true } = {}) {
  const sent: string[] = [];
  const bridge = new EventEmitter();
  bridge.on(ASKED, ({ sourceName, maxHeight }) => sent.push(`${sourceName} ${maxHeight}`));
  const made = Object.assign(
    new EventEmitter(),
    rtc && { rtc: { on: bridge.on.bind(bridge), eventEmitter: bridge } },
  );
  class JitsiConnection {
    initJitsiConference() {
      return made;
    }
  }
  const library = { JitsiConnection, events: { conference: { P2P_STATUS: 'p2p' } } };
  const context = createContext({ JitsiMeetJS: library, console: { warn: () => {} } });
  context.window = context;
  runInContext(SENDERS, context);
  expect(new library.JitsiConnection().initJitsiConference()).toBe(made);
  return {
    sent,
    /** The bridge asks for a camera. */
    asks: (sourceName: string, maxHeight: number) => bridge.emit(ASKED, { sourceName, maxHeight }),
    /** Two people talk directly from now on, or not any more. */
    talksDirectly: (directly: boolean) => made.emit('p2p', made, directly),
  };
}

it('tells the client what the bridge asked for last, once people talk by way of it again', () => {
  const { sent, asks, talksDirectly } = conference();
  asks('ada-v0', 180);
  asks('ada-v1', 720);
  talksDirectly(true);
  asks('ada-v0', 360);
  sent.length = 0;
  talksDirectly(false);
  expect(sent).toEqual(['ada-v0 360', 'ada-v1 720']);
});

it('tells nothing where people begin to talk directly, or the bridge asked for nothing', () => {
  const { sent, talksDirectly } = conference();
  talksDirectly(true);
  talksDirectly(false);
  expect(sent).toEqual([]);
});

it('lets the client make conferences of another kind', () => {
  expect(() => conference({ rtc: false }).talksDirectly(false)).not.toThrow();
});
