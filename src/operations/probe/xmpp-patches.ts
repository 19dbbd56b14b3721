import type { XmppClient } from '@xmpp/client';
import type { Element } from '@xmpp/xml';

/** Workarounds for faults of xmpp.js. */

const STREAM = 'http://etherx.jabber.org/streams';
const STREAM_MANAGEMENT = 'urn:xmpp:sm:3';

/**
 * Keeps an error response that arrives early from ending the process. xmpp.js 0.14 waits for the response only once the
 * request is known to be written; a rejection before that is unhandled. The caller gets the error in any case.
 */
export function ignoreEarlyErrors({ iqCaller: { handlers } }: XmppClient): void {
  const remember = handlers.set.bind(handlers);
  handlers.set = (id, answer) => {
    answer.promise.catch(() => {});
    return remember(id, answer);
  };
}

/**
 * Makes a client ignore the server's offer of stream management (XEP-0198). xmpp.js 0.14 resets its count of received
 * stanzas after the first ones may have arrived; the server then sees the count decrease and closes the connection:
 * "The client says it handled -2 new stanzas".
 */
export function withoutStreamManagement(xmpp: XmppClient): void {
  xmpp.prependListener('element', (element: Element) => {
    if (!element.is('features', STREAM)) return;
    const offer = element.getChild('sm', STREAM_MANAGEMENT);
    if (offer) element.remove(offer);
  });
}
