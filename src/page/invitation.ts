import { loadedLibrary, onEachConnection } from './client.js';
import { keepToken, keptToken, tokenInFragment } from './token-in-tab.js';

/**
 * What the page of a meeting for members does in addition.
 *
 * - The client removes the token from the address, so that nobody passes it on by mistake (`app/middleware.ts`). If
 *   the page is loaded again, its own participant is turned away (jitsi/jitsi-meet #15165). So the tab keeps the token.
 * - If Prosody refuses the token, the client shows a notice that disappears, or nothing (jitsi/jitsi-meet #14242), and
 *   a token that expired during a meeting is never sent again. So the page requests itself. If it is not served, it is
 *   loaded again, and the agent says why there is no meeting.
 *
 * If a release of the client lacks something, the client behaves as usual.
 */

/** Milliseconds between two requests while nothing answers. */
const BETWEEN = 2_000;

const path = location.pathname;
const token = ownToken();
const link = path + (token ? `?jwt=${encodeURIComponent(token)}` : '');

const library = loadedLibrary();
if (library)
  onEachConnection(
    library,
    (connection) => follow(library, connection),
    'this release of the client says in its own way that an invitation is not valid',
  );

function ownToken(): string | null | undefined {
  const given = new URLSearchParams(location.search).get('jwt') || tokenInFragment(location.hash);
  try {
    if (!given) return keptToken(path);
    keepToken(path, given);
  } catch {
    // The browser stores nothing for this site.
  }
  return given;
}

/** The status with which the page would be served now. Requests it until something answers. */
async function status(): Promise<number> {
  for (;;) {
    try {
      const answer = await fetch(link, { cache: 'no-store' });
      if (answer.status < 500) return answer.status;
    } catch {
      // No network.
    }
    await new Promise((resolve) => {
      setTimeout(resolve, BETWEEN);
    });
  }
}

function follow({ events, errors }: JitsiLibrary, connection: JitsiConnection): void {
  const event = events.connection;
  const error = errors.connection;
  const emitter = connection.xmpp.eventEmitter;
  const emit = emitter.emit.bind(emitter);
  emitter.emit = (name, ...details) => {
    const expired = event.CONNECTION_TOKEN_EXPIRED && name === event.CONNECTION_TOKEN_EXPIRED;
    if (!expired && (name !== event.CONNECTION_FAILED || details[0] !== error.PASSWORD_REQUIRED))
      return emit(name, ...details);
    void status().then((is) => {
      // Once the client has found the token to be expired, it does nothing more.
      if (expired || is === 403) location.replace(link);
      else emit(name, ...details);
    });
    return true;
  };
}
