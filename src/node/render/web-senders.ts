/**
 * Has the page send its camera as large as the bridge last asked for, once two people who talked directly are joined by a
 * third.
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

  function remember(conference) {
    var rtc = conference.rtc;
    // By camera or screen: what the bridge asked for last.
    var asked = {};
    rtc.on(ASKED, function (what) { asked[what.sourceName] = what; });
    conference.on(JitsiMeetJS.events.conference.P2P_STATUS, function (itself, isDirect) {
      if (isDirect) return;
      Object.values(asked).forEach(function (what) { rtc.eventEmitter.emit(ASKED, what); });
    });
  }

  var connection = JitsiMeetJS.JitsiConnection.prototype;
  var init = connection.initJitsiConference;
  connection.initJitsiConference = function () {
    var conference = init.apply(this, arguments);
    try {
      remember(conference);
    } catch (error) {
      console.warn('convoke: this release of the client sends what it thinks it was asked for', error);
    }
    return conference;
  };
})();
`;
