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
export const SENDERS = `(function () {
  if (!window.JitsiMeetJS || !JitsiMeetJS.JitsiConnection) return;

  var CONSTRAINTS_CHANGED = 'rtc.sender_video_constraints_changed';

  function serialize(session) {
    var setActive = session && session.setMediaTransferActive;
    if (!setActive) return;
    var last = Promise.resolve();
    session.setMediaTransferActive = function (active) {
      function next() { return setActive.call(session, active); }
      last = last.then(next, next);
      return last;
    };
  }

  function watch(conference) {
    var bridge = conference.rtc.eventEmitter;
    var events = JitsiMeetJS.events.conference;
    // Emitted for each session with a bridge, before it is used.
    conference.on(events.SERVER_REGION_CHANGED, function () { serialize(conference.jvbJingleSession); });
    // The bridge's last request, by camera or screen.
    var requested = {};
    bridge.on(CONSTRAINTS_CHANGED, function (what) { requested[what.sourceName] = what; });
    conference.on(events.P2P_STATUS, function (itself, isDirect) {
      if (isDirect) return;
      Object.values(requested).forEach(function (what) { bridge.emit(CONSTRAINTS_CHANGED, what); });
    });
  }

  var connection = JitsiMeetJS.JitsiConnection.prototype;
  var init = connection.initJitsiConference;
  connection.initJitsiConference = function () {
    var conference = init.apply(this, arguments);
    try {
      watch(conference);
    } catch (error) {
      console.warn('convoke: this release of the client handles resolutions in its own way', error);
    }
    return conference;
  };
})();
`;
