import type { XmppClient } from '@xmpp/client';
import type { Element } from '@xmpp/xml';

const STREAM = 'http://etherx.jabber.org/streams';
const STREAM_MANAGEMENT = 'urn:xmpp:sm:3';

/**
 * Makes a client overlook that the server offers stream management (XEP-0198). xmpp.js 0.14 sets its count of received
 * stanzas to nothing a moment after the first ones may have come; the server then hears of fewer stanzas than before and
 * cuts the connection: "The client says it handled -2 new stanzas".
 */
export function withoutStreamManagement(xmpp: XmppClient): void {
  xmpp.prependListener('element', (element: Element) => {
    if (!element.is('features', STREAM)) return;
    const offer = element.getChild('sm', STREAM_MANAGEMENT);
    if (offer) element.remove(offer);
  });
}
