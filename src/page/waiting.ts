import { keptToken, tokenInFragment } from './token-in-tab.js';

/**
 * What the page does on which guests wait for a host. It continues with a token that the tab has kept, or with one after
 * the `#`, which the browser does not send to the server. Without one it asks until a host has started the meeting, and
 * then opens the meeting with the token that is the answer.
 */

/** Milliseconds between two questions. A random part keeps a class from asking at the same moment. */
const BETWEEN = { least: 2_000, random: 1_000 };

const url = new URL(location.href);

if (!ownToken()) void ask();

function enter(token: string): true {
  url.searchParams.set('jwt', token);
  document.documentElement.hidden = true;
  location.replace(url.href);
  return true;
}

/** Not if the address has one: that one was just refused. */
function ownToken(): boolean {
  try {
    const token = !url.searchParams.has('jwt') && (tokenInFragment(url.hash) || keptToken(url.pathname));
    return Boolean(token) && enter(String(token));
  } catch {
    // The browser stores nothing for this site.
    return false;
  }
}

async function ask(): Promise<void> {
  for (;;) {
    try {
      const answer = await fetch(`/convoke/guest?room=${document.documentElement.dataset.room}`, {
        cache: 'no-store',
      });
      const { jwt } = answer.ok ? ((await answer.json()) as { jwt?: string }) : {};
      if (jwt) return void enter(jwt);
    } catch {
      // No network, or the shard is being replaced.
    }
    await new Promise((resolve) => {
      setTimeout(resolve, BETWEEN.least + Math.random() * BETWEEN.random);
    });
  }
}
