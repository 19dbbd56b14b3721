import { loadedLibrary, onEachConnection } from './client.js';
import { keepToken, keptToken, tokenInFragment, waitsForHost } from './token-in-tab.js';

/**
 * What the page of a meeting with tokens does in addition.
 *
 * - The client removes the token from the address, so that nobody passes it on by mistake (`app/middleware.ts`). If
 *   the page is loaded again, its own participant is turned away (jitsi/jitsi-meet #15165). So the tab keeps the token.
 * - If Prosody refuses the token, the client shows a notice that disappears, or nothing (jitsi/jitsi-meet #14242), and
 *   a token that expired during a meeting is never sent again. So the page requests itself. If it is not served, it is
 *   loaded again, and the agent says why there is no meeting.
 * - A guest's token is not kept. If it is refused, because the meeting has ended, the page is loaded without it: the guest
 *   waits for a host again.
 *
 * If a release of the client lacks something, the client behaves as usual.
 */

/**
 * What the client's part for conference requests emits if one is refused (`XMPPEvents.AUTHENTICATION_REQUIRED`). Nothing
 * listens before the client is connected, which it never is then.
 */
const REQUEST_REFUSED = 'xmpp.authentication_required';

/** Milliseconds between two requests while nothing answers. */
const BETWEEN = 2_000;

const path = location.pathname;
const token = ownToken();
const waits = token ? waitsForHost(token) : false;
const link = path + (token && !waits ? `?jwt=${encodeURIComponent(token)}` : '');

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
    if (!waitsForHost(given)) keepToken(path, given);
  } catch {
    // The browser stores nothing for this site.
  }
  return given;
}

/**
 * The status with which the page would be served now. A redirect leads to another token: a host's, who is signed in.
 * Requests it until something answers.
 */
async function status(): Promise<number> {
  for (;;) {
    try {
      const answer = await fetch(link, { cache: 'no-store' });
      if (answer.status < 500) return answer.redirected ? 403 : answer.status;
    } catch {
      // No network.
    }
    await new Promise((resolve) => {
      setTimeout(resolve, BETWEEN);
    });
  }
}

/** With the settings after the `#`, by which a participant who was in the meeting rejoins without a click. */
function loadAgain(): void {
  location.replace(waits ? path + location.hash : link);
  // If only the part after # is there, nothing was loaded.
  if (waits && location.hash && !location.search) location.reload();
}

function follow({ events, errors }: JitsiLibrary, connection: JitsiConnection): void {
  const event = events.connection;
  const error = errors.connection;
  const { eventEmitter, moderator } = connection.xmpp;
  replaceEmit(eventEmitter, (name, [detail]) => {
    // Once the client has found the token to be expired, it does nothing more.
    if (event.CONNECTION_TOKEN_EXPIRED && name === event.CONNECTION_TOKEN_EXPIRED) return 'load';
    return name === event.CONNECTION_FAILED && detail === error.PASSWORD_REQUIRED ? 'ask' : undefined;
  });
  replaceEmit(moderator.eventEmitter, (name) => (name === REQUEST_REFUSED ? 'ask' : undefined));
}

/**
 * Loads the page again instead of emitting an event: always, or only if the page would be refused. Waits for an answer of
 * the server either way.
 */
function replaceEmit(
  emitter: Emitter,
  instead: (name: string, details: readonly unknown[]) => 'load' | 'ask' | undefined,
): void {
  const emit = emitter.emit.bind(emitter);
  emitter.emit = (name, ...details) => {
    const what = instead(name, details);
    if (!what) return emit(name, ...details);
    void status().then((is) => {
      if (what === 'load' || is === 403) loadAgain();
      else emit(name, ...details);
    });
    return true;
  };
}
