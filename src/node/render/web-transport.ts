import { IS_IN_MEETING, onEachConnection, RELOAD } from './web-connection.js';

/** The tab keeps this while its network lets no WebSocket through. */
const KEY = 'convoke-no-websocket';

/** How long the page waits, in milliseconds. */
export const TRANSPORT_PATIENCE = {
  /**
   * From opening the WebSocket to being logged in. A shard delays the WebSockets of a network that opens hundreds at
   * once by up to 10 s.
   */
  login: 10_000,
  /** For an answer from the web server, and for one over a WebSocket. */
  test: 4_000,
  /** From the participant's click until the page says that the meeting cannot be reached. */
  connection: 20_000,
} as const;

/**
 * What the page does when it cannot connect to the meeting, where the client stays on the page before the meeting
 * without a word (jitsi/jitsi-meet #8049).
 *
 * Some networks pass HTTPS, but no WebSocket. If the web server answers and a WebSocket does not, the page is loaded
 * again, joins without another click, and uses HTTP requests (BOSH), as long as the tab is open. If nothing answers,
 * or BOSH fails too, it says so.
 *
 * If a release of the client lacks something that is used here, the client behaves as usual.
 */
export const TRANSPORT = `(function () {
  if (!window.JitsiMeetJS || !JitsiMeetJS.JitsiConnection) return;

  function usesHttp() {
    try {
      return sessionStorage.getItem('${KEY}') !== null;
    } catch (error) {
      return false;
    }
  }

  // Without storage, the page would be loaded again and again.
  function useHttp(is) {
    try {
      if (is) sessionStorage.setItem('${KEY}', '');
      else sessionStorage.removeItem('${KEY}');
    } catch (error) {
      // The browser stores nothing for this site.
    }
    return usesHttp();
  }

  function adapt(args) {
    var options = args[2];
    if (usesHttp() && options && options.serviceUrl && options.websocket && options.bosh)
      options.serviceUrl = options.serviceUrl.replace(options.websocket, options.bosh);
    return args;
  }

${IS_IN_MEETING}

${RELOAD}

  // Any answer of a shard will do.
  async function serverAnswers(service) {
    try {
      var url = service.replace(/^ws/, 'http');
      var answer = await fetch(url, { cache: 'no-store', signal: AbortSignal.timeout(${TRANSPORT_PATIENCE.test}) });
      return answer.headers.has('x-jitsi-shard') && answer.status < 500;
    } catch (error) {
      return false;
    }
  }

  // Some proxies open the WebSocket and pass nothing on, so Prosody has to answer.
  function webSocketAnswers(service, domain) {
    return new Promise(function (resolve) {
      var socket = new WebSocket(service, 'xmpp');
      function end(is) {
        clearTimeout(timer);
        socket.close();
        resolve(is);
      }
      var timer = setTimeout(function () { end(false); }, ${TRANSPORT_PATIENCE.test});
      socket.onopen = function () {
        socket.send('<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" version="1.0" to="' + domain + '"/>');
      };
      socket.onmessage = function () { end(true); };
      socket.onclose = function () { end(false); };
    });
  }

  var notice;

  function say() {
    if (notice || isInMeeting()) return;
    notice = document.createElement('div');
    notice.setAttribute('role', 'alert');
    notice.style.cssText =
      'position:fixed;inset:0 0 auto;z-index:10000;padding:1rem;background:#fff;color:#111;font:1rem/1.5 system-ui,sans-serif;text-align:center';
    var text = document.createElement('p');
    text.style.margin = '0 0 .5rem';
    text.textContent =
      'The meeting cannot be reached. If this happens again, your network probably blocks it: try another network, or ask its administrator to allow HTTPS and WebSockets to ' +
      location.host + '.';
    var button = document.createElement('button');
    button.textContent = 'Try again';
    button.onclick = function () { location.reload(); };
    notice.append(text, button);
    document.body.append(notice);
  }

  function take() {
    if (notice) notice.remove();
    notice = undefined;
  }

  function follow(connection) {
    var event = JitsiMeetJS.events.connection;
    var error = JitsiMeetJS.errors.connection;
    var dropped = [error.CONNECTION_DROPPED_ERROR, error.OTHER_ERROR, error.SERVER_ERROR];
    var xmpp = connection.xmpp;
    var stream = xmpp.getConnection();
    var emitter = xmpp.eventEmitter;
    var emit = emitter.emit.bind(emitter);
    var connect = connection.connect;
    var login = xmpp.connect;
    // The first attempt to connect has ended, either way.
    var isOver = false;
    var timers = [];

    // Whether the page is being loaded again.
    async function changeTransport() {
      var service = stream.service;
      if (!stream.isUsingWebSocket) useHttp(false);
      else if (
        (await serverAnswers(service)) &&
        !(await webSocketAnswers(service, connection.options.hosts.domain)) &&
        !stream.connected &&
        useHttp(true)
      ) {
        reload();
        return true;
      }
      return false;
    }

    connection.connect = function () {
      timers.push(setTimeout(say, ${TRANSPORT_PATIENCE.connection}));
      return connect.apply(connection, arguments);
    };

    // After the conference request.
    xmpp.connect = function () {
      if (stream.isUsingWebSocket) timers.push(setTimeout(changeTransport, ${TRANSPORT_PATIENCE.login}));
      return login.apply(xmpp, arguments);
    };

    emitter.emit = function (name, what) {
      var given = arguments;
      var failed = name === event.CONNECTION_FAILED;
      var first = !isOver;
      if (failed || name === event.CONNECTION_ESTABLISHED) {
        isOver = true;
        timers.forEach(clearTimeout);
      }
      if (name === event.CONNECTION_ESTABLISHED) take();
      if (!failed || !first || dropped.indexOf(what) < 0) return emit.apply(undefined, given);
      changeTransport().then(function (changes) {
        if (changes) return;
        say();
        emit.apply(undefined, given);
      });
      return true;
    };
  }

${onEachConnection('follow', 'this release of the client connects in its own way', 'adapt')}
})();
`;
