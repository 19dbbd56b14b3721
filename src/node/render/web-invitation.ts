import { onEachConnection } from './web-connection.js';

/** Where a page keeps the token that it was opened with: in the tab, by path. */
const KEY = 'convoke-invitation ';

/** Finds the token of a link that has it after the `#`, as its first group. */
const IN_FRAGMENT = String.raw`/[#&]jwt=(?:"|%22)?([\w-]+\.[\w-]+\.[\w-]+)/`;

/** Milliseconds from one question to the next while nobody answers. */
const BETWEEN = 2_000;

/**
 * What the page of a meeting for members does besides.
 *
 * - The client takes the token out of the address, so that nobody passes it on by mistake (`app/middleware.ts`). Loading the page
 *   anew then turns its own participant away (jitsi/jitsi-meet #15165). So the tab keeps the token.
 * - Where Prosody refuses the token, the client shows a notice that goes away, or nothing (jitsi/jitsi-meet #14242), and one that
 *   has expired during a meeting is never sent again. So the page asks whether it would still be served. If not, it is loaded
 *   anew, and the agent says why there is no meeting.
 *
 * Where a release of the client lacks something, the client goes its own way.
 */
export const INVITATION = `(function () {
  var path = location.pathname;
  var token =
    new URLSearchParams(location.search).get('jwt') ||
    (${IN_FRAGMENT}.exec(location.hash) || [])[1];
  try {
    if (token) sessionStorage.setItem('${KEY}' + path, token);
    else token = sessionStorage.getItem('${KEY}' + path);
  } catch (error) {
    // The browser keeps nothing for pages of this site.
  }
  if (!window.JitsiMeetJS || !JitsiMeetJS.JitsiConnection) return;

  var link = path + (token ? '?jwt=' + encodeURIComponent(token) : '');

  // The status of the page as it would be served now. Asks until somebody answers.
  async function status() {
    for (;;) {
      try {
        var answer = await fetch(link, { cache: 'no-store' });
        if (answer.status < 500) return answer.status;
      } catch (error) {
        // No network.
      }
      await new Promise(function (resolve) { setTimeout(resolve, ${BETWEEN}); });
    }
  }

  function follow(connection) {
    var event = JitsiMeetJS.events.connection;
    var error = JitsiMeetJS.errors.connection;
    var emitter = connection.xmpp.eventEmitter;
    var emit = emitter.emit.bind(emitter);
    emitter.emit = function (name, what) {
      var given = arguments;
      var expired = event.CONNECTION_TOKEN_EXPIRED && name === event.CONNECTION_TOKEN_EXPIRED;
      if (!expired && (name !== event.CONNECTION_FAILED || what !== error.PASSWORD_REQUIRED)) return emit.apply(undefined, given);
      status().then(function (is) {
        // After the client has found the token to be expired, it does nothing any more.
        if (expired || is === 403) location.replace(link);
        else emit.apply(undefined, given);
      });
      return true;
    };
  }

${onEachConnection('follow', 'this release of the client says in its own way that an invitation is not valid')}
})();
`;

/**
 * What the page does that turns people away because the address has no token: it goes on with the one that the tab has kept, or
 * with one after the `#`, which the server is not told.
 */
export const KEPT_INVITATION = `try {
  var url = new URL(location.href);
  var token = (${IN_FRAGMENT}.exec(url.hash) || [])[1] || sessionStorage.getItem('${KEY}' + url.pathname);
  if (token) {
    url.searchParams.set('jwt', token);
    document.documentElement.hidden = true;
    location.replace(url.href);
  }
} catch (error) {
  // The browser keeps nothing for pages of this site.
}
`;
