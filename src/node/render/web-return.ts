import { IS_IN_MEETING, onEachConnection, RELOAD } from './web-connection.js';

/**
 * How a disconnected page finds out which shard serves its room. Until a dead machine is detected, the load balancer
 * keeps sending it a share of the requests: a single answer proves little, several equal ones in a row suffice.
 * Requests do not wait for earlier ones: those to the dead machine hang.
 */
export const SHARD_QUERY = {
  /**
   * Timeout of a request in milliseconds. An edge that has just learned of a shard delays a new room's requests for 2
   * s.
   */
  timeout: 2_500,
  /** Milliseconds between two requests. */
  interval: 250,
  /** Number of requests in a row that the same shard has to answer. */
  confirmations: 4,
} as const;

/**
 * The shard that answered `enough` requests in a row; undefined if none did. The page contains this function's
 * source, so it uses only its arguments. `answers`: in the order of the requests.
 */
export function confirmedAnswer(
  answers: readonly (string | undefined)[],
  enough: number,
): string | undefined {
  let run = 0;
  for (let last = 0; last < answers.length; last++) {
    const answer = answers[last];
    run = answer === undefined ? 0 : answer === answers[last - 1] ? run + 1 : 1;
    if (run >= enough) return answer;
  }
  return undefined;
}

/** Milliseconds from leaving a shard to being connected to another, after which the page is reloaded. */
const RECONNECT_TIMEOUT = 15_000;

/**
 * What the page does when its connection breaks, instead of the client's own behaviour: it notices after 25 s, shows
 * a countdown of 10 to 30 s and reloads the page, because of three limitations.
 *
 * - Its library drops the setting `xmppPing` before it is used.
 * - It changes to another shard within the page only if it learns of the change from a response to a keep-alive
 *   request, about once a minute. After a broken connection it tries to resume its session, which another shard does
 *   not have.
 * - Then it reloads, which ends audio and video at once, although the bridge still carries them.
 *
 * So: pings as configured; a disconnected page queries which shard serves the room now, and changes to it within the
 * page as soon as the answer is certain. Audio and video stop only during the change.
 *
 * It depends only on the library's public interface, except for its event emitter. If a release of the client lacks
 * something, the client behaves as usual.
 */
export const RETURN = `(function () {
  // Nothing to do if the library could not be loaded.
  if (!window.JitsiMeetJS || !JitsiMeetJS.JitsiConnection) return;

  var RESUMING = 15;
  // Timer that runs from leaving a shard until the next connection is established.
  var returning;

  function wait(milliseconds) {
    return new Promise(function (resolve) { setTimeout(resolve, milliseconds); });
  }

  // Outside of a meeting there is nothing to continue, and the client starts over.
${IS_IN_MEETING}

${RELOAD}

  // The shard that answers for the room; undefined if none does.
  async function shardOf(stream) {
    try {
      var url = stream.service.replace(/^ws/, 'http');
      var answer = await fetch(url, { cache: 'no-store', signal: AbortSignal.timeout(${SHARD_QUERY.timeout}) });
      return answer.ok ? answer.headers.get('x-jitsi-shard') || undefined : undefined;
    } catch (error) {
      return undefined;
    }
  }

  var confirmedAnswer = ${confirmedAnswer};

  // Queries until the same shard has answered several times in a row, or the answer is no longer needed.
  async function confirmedShard(stream, isOver) {
    var answers = [];
    function ask(number) {
      shardOf(stream).then(function (shard) { answers[number] = shard; });
    }
    for (var number = 0; !isOver(); number++) {
      ask(number);
      await wait(${SHARD_QUERY.interval});
      var shard = confirmedAnswer(answers, ${SHARD_QUERY.confirmations});
      if (shard) return shard;
    }
  }

  // The client leaves its messenger for the computer's sleep mode behind and creates another in the next conference.
  // Two of them in one page answer each other in an endless loop.
  function silenceMessenger() {
    try {
      APP.store.getState()['features/power-monitor'].transport.dispose();
    } catch (error) {
      // This release has none.
    }
  }

  function watch(connection) {
    var event = JitsiMeetJS.events.connection;
    var error = JitsiMeetJS.errors.connection;
    var xmpp = connection.xmpp;
    var stream = xmpp.getConnection();
    var emitter = xmpp.eventEmitter;
    var emit = emitter.emit.bind(emitter);
    var searching = false;
    // The session no longer exists on its shard.
    var lost = false;
    var gone = false;

    var pings = connection.options.xmppPing || {};
    if (pings.interval) stream.ping.pingInterval = pings.interval;
    if (pings.timeout) stream.ping.pingTimeout = pings.timeout;
    if (pings.threshold) stream.ping.pingThreshold = pings.threshold;

    function isOver() {
      return gone || stream.connected || !isInMeeting();
    }

    // As the client does when it detects that its room has moved. The old connection must emit nothing more and must
    // not be resumed. If the client cannot get its configuration at this point, it stops half-way without an event.
    function go() {
      gone = true;
      silenceMessenger();
      clearTimeout(returning);
      returning = setTimeout(reload, ${RECONNECT_TIMEOUT});
      emit(event.CONNECTION_FAILED, error.SHARD_CHANGED_ERROR);
      stream.disconnect();
    }

    // Changes to the room's shard; to the same shard only if the session no longer exists there.
    async function findRoom() {
      if (searching) return;
      searching = true;
      var shard = await confirmedShard(stream, isOver);
      searching = false;
      if (!isOver() && (lost || shard !== connection.options.deploymentInfo.shard)) go();
    }

    stream.on('CONN_STATUS_CHANGED', function (status) {
      if (status === RESUMING) findRoom();
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
      findRoom();
      return true;
    };
  }

${onEachConnection('watch', 'this release of the client reconnects in its own way')}
})();
`;
