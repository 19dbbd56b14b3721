import { keptToken, tokenInFragment } from './token-in-tab.js';

/**
 * What the page does that turns participants away because the address has no token: it continues with the token that
 * the tab has kept, or with one after the `#`, which the browser does not send to the server.
 */
try {
  const url = new URL(location.href);
  const token = tokenInFragment(url.hash) || keptToken(url.pathname);
  if (token) {
    url.searchParams.set('jwt', token);
    document.documentElement.hidden = true;
    location.replace(url.href);
  }
} catch {
  // The browser stores nothing for this site.
}
