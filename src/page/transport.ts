import { isInMeeting, loadedLibrary, onEachConnection, reload } from './client.js';
import { TRANSPORT_PATIENCE } from './transport-patience.js';

/**
 * What the page does when it cannot connect to the meeting, if the client stays on the page before the meeting
 * without a word (jitsi/jitsi-meet #8049).
 *
 * Some networks pass HTTPS, but no WebSocket. If the web server answers and a WebSocket does not, the page is loaded
 * again, joins without another click, and uses HTTP requests (BOSH), as long as the tab is open. If nothing answers,
 * or BOSH fails too, it says so.
 *
 * If a release of the client lacks something that is used here, the client behaves as usual.
 */

/** The tab keeps this while its network lets no WebSocket through. */
const KEY = 'convoke-no-websocket';

const library = loadedLibrary();
if (library)
  onEachConnection(
    library,
    (connection) => follow(library, connection),
    'this release of the client connects in its own way',
    adapt,
  );

function usesHttp(): boolean {
  try {
    return sessionStorage.getItem(KEY) !== null;
  } catch {
    return false;
  }
}

/** Returns whether HTTP is used from now on. Without storage, the page would be loaded again and again. */
function useHttp(is: boolean): boolean {
  try {
    if (is) sessionStorage.setItem(KEY, '');
    else sessionStorage.removeItem(KEY);
  } catch {
    // The browser stores nothing for this site.
  }
  return usesHttp();
}

function adapt(args: JitsiConnectionArguments): JitsiConnectionArguments {
  const [, , options] = args;
  if (usesHttp() && options?.serviceUrl && options.websocket && options.bosh)
    options.serviceUrl = options.serviceUrl.replace(options.websocket, options.bosh);
  return args;
}

/** Any answer of a shard will do. */
async function serverAnswers(service: string): Promise<boolean> {
  try {
    const url = service.replace(/^ws/, 'http');
    const signal = AbortSignal.timeout(TRANSPORT_PATIENCE.test);
    const answer = await fetch(url, { cache: 'no-store', signal });
    return answer.headers.has('x-jitsi-shard') && answer.status < 500;
  } catch {
    return false;
  }
}

/** Some proxies open the WebSocket and pass nothing on, so Prosody has to answer. */
function webSocketAnswers(service: string, domain: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = new WebSocket(service, 'xmpp');
    const end = (is: boolean): void => {
      clearTimeout(timer);
      socket.close();
      resolve(is);
    };
    const timer = setTimeout(() => end(false), TRANSPORT_PATIENCE.test);
    socket.onopen = () =>
      socket.send(`<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" version="1.0" to="${domain}"/>`);
    socket.onmessage = () => end(true);
    socket.onclose = () => end(false);
  });
}

let notice: HTMLElement | undefined;

function showNotice(): void {
  if (notice || isInMeeting()) return;
  notice = document.createElement('div');
  notice.setAttribute('role', 'alert');
  notice.style.cssText =
    'position:fixed;inset:0 0 auto;z-index:10000;padding:1rem;background:#fff;color:#111;font:1rem/1.5 system-ui,sans-serif;text-align:center';
  const text = document.createElement('p');
  text.style.margin = '0 0 .5rem';
  text.textContent = `The meeting cannot be reached. If this happens again, your network probably blocks it: try another network, or ask its administrator to allow HTTPS and WebSockets to ${location.host}.`;
  const button = document.createElement('button');
  button.textContent = 'Try again';
  button.onclick = () => location.reload();
  notice.append(text, button);
  document.body.append(notice);
}

function removeNotice(): void {
  notice?.remove();
  notice = undefined;
}

function follow({ events, errors }: JitsiLibrary, connection: JitsiConnection): void {
  const event = events.connection;
  const error = errors.connection;
  const dropped: unknown[] = [error.CONNECTION_DROPPED_ERROR, error.OTHER_ERROR, error.SERVER_ERROR];
  const { xmpp } = connection;
  const stream = xmpp.getConnection();
  const emitter = xmpp.eventEmitter;
  const emit = emitter.emit.bind(emitter);
  const { connect } = connection;
  const login = xmpp.connect;
  /** The first attempt to connect has ended, either way. */
  let isOver = false;
  const timers: ReturnType<typeof setTimeout>[] = [];

  /** Returns whether the page is being loaded again. */
  async function changeTransport(): Promise<boolean> {
    const { service } = stream;
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

  connection.connect = (...args) => {
    timers.push(setTimeout(showNotice, TRANSPORT_PATIENCE.connection));
    return connect.apply(connection, args);
  };

  // After the conference request.
  xmpp.connect = (...args) => {
    if (stream.isUsingWebSocket) timers.push(setTimeout(changeTransport, TRANSPORT_PATIENCE.login));
    return login.apply(xmpp, args);
  };

  emitter.emit = (name, ...details) => {
    const failed = name === event.CONNECTION_FAILED;
    const first = !isOver;
    if (failed || name === event.CONNECTION_ESTABLISHED) {
      isOver = true;
      timers.forEach(clearTimeout);
    }
    if (name === event.CONNECTION_ESTABLISHED) removeNotice();
    if (!failed || !first || !dropped.includes(details[0])) return emit(name, ...details);
    void changeTransport().then((changes) => {
      if (changes) return;
      showNotice();
      emit(name, ...details);
    });
    return true;
  };
}
