/**
 * Has the page send its camera by way of the bridge, and as large as the bridge last asked for, once two people who talked
 * directly are joined by a third.
 *
 * The client ceases to send to the bridge when two begin to talk directly, and sends again when they end. It finds out
 * whether there is anything to do from what was last *done* (lib-jitsi-meet 99b97735, JingleSessionPC's
 * `setMediaTransferActive`). Where they end before it has ceased, in some tenths of a second, it takes "send again" as done
 * already, then ceases, and sends nothing for as long as the meeting has three people. Here each of the two waits for the
 * one before.
 *
 * Since May 2026 the client keeps what is asked for by session (lib-jitsi-meet 9624ece9), and takes what the bridge asks
 * for as meant for the session that is active. A page that sees the third person late still talks directly when the
 * bridge asks: then that is forgotten with the direct session, and what the bridge had asked for before holds on. The
 * bridge does not ask twice, so others see the camera small, or not at all, until somebody changes their view.
 *
 * Where a release of the client lacks something of what is touched here, it goes its own way.
 */
export const SENDERS = `(function () {
  if (!window.JitsiMeetJS || !JitsiMeetJS.JitsiConnection) return;

  var ASKED = 'rtc.sender_video_constraints_changed';

  function inTurn(session) {
    var setActive = session && session.setMediaTransferActive;
    if (!setActive) return;
    var last = Promise.resolve();
    session.setMediaTransferActive = function (active) {
      function next() { return setActive.call(session, active); }
      last = last.then(next, next);
      return last;
    };
  }

  function attend(conference) {
    var bridge = conference.rtc.eventEmitter;
    var events = JitsiMeetJS.events.conference;
    // Said of each session with a bridge, before it is used.
    conference.on(events.SERVER_REGION_CHANGED, function () { inTurn(conference.jvbJingleSession); });
    // By camera or screen: what the bridge asked for last.
    var asked = {};
    bridge.on(ASKED, function (what) { asked[what.sourceName] = what; });
    conference.on(events.P2P_STATUS, function (itself, isDirect) {
      if (isDirect) return;
      Object.values(asked).forEach(function (what) { bridge.emit(ASKED, what); });
    });
  }

  var connection = JitsiMeetJS.JitsiConnection.prototype;
  var init = connection.initJitsiConference;
  connection.initJitsiConference = function () {
    var conference = init.apply(this, arguments);
    try {
      attend(conference);
    } catch (error) {
      console.warn('convoke: this release of the client sends what it thinks it was asked for', error);
    }
    return conference;
  };
})();
`;
