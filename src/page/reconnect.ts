import { confirmedAnswer, SHARD_QUERY } from '../contract/shard-query.js';
import { isInMeeting, loadedLibrary, onEachConnection, reload } from './client.js';

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

/** Milliseconds from leaving a shard to being connected to another, after which the page is reloaded. */
const RECONNECT_TIMEOUT = 15_000;
/** A status of the library's stream. */
const RESUMING = 15;

const library = loadedLibrary();
if (library)
  onEachConnection(
    library,
    (connection) => watch(library, connection),
    'this release of the client reconnects in its own way',
  );

/** Timer that runs from leaving a shard until the next connection is established. */
let returning: ReturnType<typeof setTimeout> | undefined;

const wait = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });

/** The shard that answers for the room; undefined if none does. */
async function shardOf(stream: XmppStream): Promise<string | undefined> {
  try {
    const url = stream.service.replace(/^ws/, 'http');
    const answer = await fetch(url, { cache: 'no-store', signal: AbortSignal.timeout(SHARD_QUERY.timeout) });
    return answer.ok ? answer.headers.get('x-jitsi-shard') || undefined : undefined;
  } catch {
    return undefined;
  }
}

/** Queries until the same shard has answered several times in a row, or the answer is no longer needed. */
async function confirmedShard(stream: XmppStream, isOver: () => boolean): Promise<string | undefined> {
  const answers: (string | undefined)[] = [];
  const ask = async (number: number): Promise<void> => {
    answers[number] = await shardOf(stream);
  };
  for (let number = 0; !isOver(); number++) {
    void ask(number);
    await wait(SHARD_QUERY.interval);
    const shard = confirmedAnswer(answers, SHARD_QUERY.confirmations);
    if (shard) return shard;
  }
  return undefined;
}

/**
 * The client leaves its messenger for the computer's sleep mode behind and creates another in the next conference. Two
 * of them in one page answer each other in an endless loop.
 */
function silenceMessenger(): void {
  try {
    APP.store.getState()['features/power-monitor'].transport.dispose();
  } catch {
    // This release has none.
  }
}

function watch({ events, errors }: JitsiLibrary, connection: JitsiConnection): void {
  const event = events.connection;
  const error = errors.connection;
  const { xmpp } = connection;
  const stream = xmpp.getConnection();
  const emitter = xmpp.eventEmitter;
  const emit = emitter.emit.bind(emitter);
  let searching = false;
  /** The session no longer exists on its shard. */
  let lost = false;
  let gone = false;

  const pings = connection.options.xmppPing ?? {};
  if (pings.interval) stream.ping.pingInterval = pings.interval;
  if (pings.timeout) stream.ping.pingTimeout = pings.timeout;
  if (pings.threshold) stream.ping.pingThreshold = pings.threshold;

  const isOver = (): boolean => gone || stream.connected || !isInMeeting();

  /**
   * As the client does when it detects that its room has moved. The old connection must emit nothing more and must not
   * be resumed. If the client cannot get its configuration at this point, it stops half-way without an event.
   */
  function go(): void {
    gone = true;
    silenceMessenger();
    clearTimeout(returning);
    returning = setTimeout(reload, RECONNECT_TIMEOUT);
    emit(event.CONNECTION_FAILED as string, error.SHARD_CHANGED_ERROR);
    stream.disconnect();
  }

  /** Changes to the room's shard; to the same shard only if the session no longer exists there. */
  async function findRoom(): Promise<void> {
    if (searching) return;
    searching = true;
    const shard = await confirmedShard(stream, isOver);
    searching = false;
    if (!isOver() && (lost || shard !== connection.options.deploymentInfo.shard)) go();
  }

  stream.on('CONN_STATUS_CHANGED', (status: number) => {
    if (status === RESUMING) void findRoom();
  });

  const dropped: unknown[] = [error.CONNECTION_DROPPED_ERROR, error.OTHER_ERROR, error.SERVER_ERROR];
  emitter.emit = (name, ...details) => {
    if (name === event.CONNECTION_ESTABLISHED) {
      clearTimeout(returning);
      returning = undefined;
    }
    if (name !== event.CONNECTION_FAILED) return emit(name, ...details);
    if (gone) return false;
    const [what] = details;
    if (what === error.SHARD_CHANGED_ERROR) {
      go();
      return true;
    }
    if (!isInMeeting() || !dropped.includes(what)) return emit(name, ...details);
    lost = true;
    void findRoom();
    return true;
  };
}
