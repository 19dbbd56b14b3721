import { loadedLibrary } from './client.js';

/**
 * Has the page send its camera through the bridge, in the resolution that the bridge last requested, when two
 * participants with a direct connection (P2P) are joined by a third.
 *
 * The client stops sending to the bridge when the direct connection starts, and sends again when it ends. Whether
 * there is anything to do is decided by what was last *done* (lib-jitsi-meet 99b97735, JingleSessionPC's
 * `setMediaTransferActive`). If the direct connection ends before the client has stopped, within some tenths of a
 * second, it treats "send again" as done, then stops, and sends nothing while the meeting has three participants.
 * Here each of the two waits for the previous one.
 *
 * Since May 2026 the client stores requested resolutions per session (lib-jitsi-meet 9624ece9), and assigns the
 * bridge's requests to the active session. A page that notices the third participant late still has the direct
 * session active when the bridge sends its request: the request is lost with that session, and the previous one stays
 * in force. The bridge does not repeat it, so others see the camera small, or not at all, until somebody changes
 * their view.
 *
 * If a release of the client lacks something that is used here, the client behaves as usual.
 */

const CONSTRAINTS_CHANGED = 'rtc.sender_video_constraints_changed';

interface Constraints {
  readonly sourceName: string;
}

const library = loadedLibrary();
if (library) {
  const connection = library.JitsiConnection.prototype as JitsiConnection;
  const init = connection.initJitsiConference;
  connection.initJitsiConference = function (...args) {
    const conference = init.apply(this, args);
    try {
      watch(library, conference);
    } catch (error) {
      console.warn('convoke: this release of the client handles resolutions in its own way', error);
    }
    return conference;
  };
}

function serialize(session: JitsiMediaSession | undefined): void {
  const setActive = session?.setMediaTransferActive;
  if (!setActive) return;
  let last: Promise<unknown> = Promise.resolve();
  session.setMediaTransferActive = (active) => {
    const next = () => setActive.call(session, active);
    last = last.then(next, next);
    return last;
  };
}

function watch({ events }: JitsiLibrary, conference: JitsiConference): void {
  const bridge = conference.rtc.eventEmitter;
  // Emitted for each session with a bridge, before it is used.
  conference.on(events.conference.SERVER_REGION_CHANGED, () => serialize(conference.jvbJingleSession));
  /** The bridge's last request, by camera or screen. */
  const requested = new Map<string, Constraints>();
  bridge.on(CONSTRAINTS_CHANGED, (what: Constraints) => {
    requested.set(what.sourceName, what);
  });
  conference.on(events.conference.P2P_STATUS, (_: unknown, isDirect: boolean) => {
    if (isDirect) return;
    // A list of its own: the events that this emits change the map.
    for (const what of [...requested.values()]) bridge.emit(CONSTRAINTS_CHANGED, what);
  });
}
