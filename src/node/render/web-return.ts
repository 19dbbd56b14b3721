/**
 * How a page asks which shard serves its room, once it was cut off. Until a dead machine is known as such, the load
 * balancer goes on sending it its part of the requests: so one answer says little, and several on end enough. Questions
 * do not wait for each other's answers: those that went to the dead machine hang.
 */
export const ASKING = {
  /** Milliseconds that an answer may take. An edge that has just learnt of a shard holds a new room's requests for 2 s. */
  patience: 2_500,
  /** Milliseconds from one question to the next. */
  between: 250,
  /** So many questions on end must be answered by the same shard. */
  sure: 4,
} as const;

/**
 * The shard that answered so many questions on end; undefined where none did. The page runs its text, so it knows nothing
 * but its arguments. `answers`: in the order of the questions.
 */
export function surely(answers: readonly (string | undefined)[], enough: number): string | undefined {
  let run = 0;
  for (let last = 0; last < answers.length; last++) {
    const answer = answers[last];
    run = answer === undefined ? 0 : answer === answers[last - 1] ? run + 1 : 1;
    if (run >= enough) return answer;
  }
  return undefined;
}

/** Milliseconds from leaving a shard to being connected to another, before the page is loaded anew. */
const RETURN_PATIENCE = 15_000;

/**
 * What the page does when its connection breaks, in place of the client's own way: that is to notice after 25 s, to show
 * a countdown of 10 to 30 s and to load the page anew, for want of three things that the client could do.
 *
 * - Its library drops the setting `xmppPing` on the way to where it is used.
 * - It goes to another shard within the page only if it learns of that from the answer to a request that it makes once
 *   in a minute or so. A connection that breaks makes it ask the shard for its session, which another does not know.
 * - What it does then is a reload, which ends sound and picture at once, though the bridge still carries them.
 *
 * So: pings as configured; who was cut off asks which shard serves the room now, and goes there within the page as soon
 * as that is sure. Sound and picture stop only for the moment in which one changes.
 *
 * It depends on nothing that the client's library does not offer to others, but for where events of the library are given
 * out. Where a release of the client lacks something, the client goes its own way.
 */
export const RETURN = `(function () {
  // Where the library could not be loaded, there is nobody to come back.
  if (!window.JitsiMeetJS || !JitsiMeetJS.JitsiConnection) return;

  var RESUMING = 15;
  // Runs while a connection was left for another that is not there yet.
  var returning;

  function wait(milliseconds) {
    return new Promise(function (resolve) { setTimeout(resolve, milliseconds); });
  }

  // Who is not in a meeting has nothing that would go on, and starts anew.
  function isInMeeting() {
    return Boolean(window.APP && APP.conference && APP.conference.isJoined());
  }

  // As the client does after its countdown: it finds in the address who was muted, and goes in without a click.
  function loadAnew() {
    var url = new URL(APP.store.getState()['features/base/connection'].locationURL || location.href);
    url.hash =
      'config.startWithAudioMuted=' + APP.conference.isLocalAudioMuted() +
      '&config.startWithVideoMuted=' + APP.conference.isLocalVideoMuted();
    location.replace(url.href);
    // Where only the part after # differs, nothing was loaded.
    if (url.search === location.search) location.reload();
  }

  // The shard that answers for the room; undefined where none does.
  async function serving(stream) {
    try {
      var url = stream.service.replace(/^ws/, 'http');
      var answer = await fetch(url, { cache: 'no-store', signal: AbortSignal.timeout(${ASKING.patience}) });
      return answer.ok ? answer.headers.get('x-jitsi-shard') || undefined : undefined;
    } catch (error) {
      return undefined;
    }
  }

  var surely = ${surely};

  // Asks until the same shard has answered several questions on end, or nobody needs to know any more.
  async function surelyServing(stream, isOver) {
    var answers = [];
    function ask(number) {
      serving(stream).then(function (shard) { answers[number] = shard; });
    }
    for (var number = 0; !isOver(); number++) {
      ask(number);
      await wait(${ASKING.between});
      var shard = surely(answers, ${ASKING.sure});
      if (shard) return shard;
    }
  }

  // The client leaves its messenger for the machine's sleep behind, and makes another in the next conference. Two in one
  // page answer each other for ever, which takes all of a processor.
  function silenceMessenger() {
    try {
      APP.store.getState()['features/power-monitor'].transport.dispose();
    } catch (error) {
      // A release that has none.
    }
  }

  function follow(connection) {
    var event = JitsiMeetJS.events.connection;
    var error = JitsiMeetJS.errors.connection;
    var xmpp = connection.xmpp;
    var stream = xmpp.getConnection();
    var emitter = xmpp.eventEmitter;
    var emit = emitter.emit.bind(emitter);
    var looking = false;
    // The session is not known any more where it was.
    var lost = false;
    var gone = false;

    var pings = connection.options.xmppPing || {};
    if (pings.interval) stream.ping.pingInterval = pings.interval;
    if (pings.timeout) stream.ping.pingTimeout = pings.timeout;
    if (pings.threshold) stream.ping.pingThreshold = pings.threshold;

    function isOver() {
      return gone || stream.connected || !isInMeeting();
    }

    // As the client does when it finds its room elsewhere by itself. The old connection then has nothing more to say, and
    // must not be resumed. Where the client gets no configuration on the way, it stops half-way and says nothing.
    function go() {
      gone = true;
      silenceMessenger();
      clearTimeout(returning);
      returning = setTimeout(loadAnew, ${RETURN_PATIENCE});
      emit(event.CONNECTION_FAILED, error.SHARD_CHANGED_ERROR);
      stream.disconnect();
    }

    // Goes to where the room is; on the same shard only where the session is not known there any more.
    async function lookForRoom() {
      if (looking) return;
      looking = true;
      var shard = await surelyServing(stream, isOver);
      looking = false;
      if (!isOver() && (lost || shard !== connection.options.deploymentInfo.shard)) go();
    }

    stream.on('CONN_STATUS_CHANGED', function (status) {
      if (status === RESUMING) lookForRoom();
    });

    var dropped = [error.CONNECTION_DROPPED_ERROR, error.OTHER_ERROR, error.SERVER_ERROR];
    emitter.emit = function (name, what) {
      if (name === event.CONNECTION_ESTABLISHED) {
        clearTimeout(returning);
        returning = undefined;
      }
      if (name !== event.CONNECTION_FAILED) return emit.apply(undefined, arguments);
      if (gone) return false;
      if (what === error.SHARD_CHANGED_ERROR) {
        go();
        return true;
      }
      if (!isInMeeting() || dropped.indexOf(what) < 0) return emit.apply(undefined, arguments);
      lost = true;
      lookForRoom();
      return true;
    };
  }

  var Original = JitsiMeetJS.JitsiConnection;
  JitsiMeetJS.JitsiConnection = class extends Original {
    constructor(...args) {
      super(...args);
      try {
        follow(this);
      } catch (error) {
        console.warn('convoke: this release of the client comes back in its own way', error);
      }
    }
  };
})();
`;
