import { randomBytes } from 'node:crypto';
import xml, { type Element } from '@xmpp/xml';

export const JINGLE = 'urn:xmpp:jingle:1';
const ICE_UDP = 'urn:xmpp:jingle:transports:ice-udp:1';
const DTLS = 'urn:xmpp:jingle:apps:dtls:0';
const RTP = 'urn:xmpp:jingle:apps:rtp:1';

/** A session that the focus offers: an endpoint on a bridge. */
export interface Offer {
  readonly sid: string;
  /** The bridge's media addresses from its candidates, private and public. They identify the bridge. */
  readonly addresses: readonly string[];
}

/** The offer in a `session-initiate` or `transport-replace`. */
export function offerIn(jingle: Element): Offer {
  const addresses = jingle
    .getChildren('content')
    .flatMap((content) => content.getChildren('transport', ICE_UDP))
    .flatMap((transport) => transport.getChildren('candidate'))
    .map(({ attrs }) => attrs.ip ?? '')
    .filter(Boolean);
  return { sid: jingle.attrs.sid ?? '', addresses: [...new Set(addresses)] };
}

/**
 * The answer to an offer, with the parts that the focus reads: accepts each kind of media, with a transport. Its keys are random and
 * it has no candidates, because there is no media.
 */
export function acceptance(
  action: 'session-accept' | 'transport-accept',
  sid: string,
  responder: string,
): Element {
  const random = () => randomBytes(9).toString('hex');
  const fingerprint = randomBytes(32).toString('hex').toUpperCase().match(/../g)?.join(':') ?? '';
  const transport = () =>
    xml(
      'transport',
      { xmlns: ICE_UDP, ufrag: random(), pwd: random() + random() },
      xml('fingerprint', { xmlns: DTLS, hash: 'sha-256', setup: 'active' }, fingerprint),
    );
  const content = (media: 'audio' | 'video') =>
    xml(
      'content',
      { creator: 'responder', name: media, senders: 'both' },
      xml('description', { xmlns: RTP, media }),
      transport(),
    );
  return xml('jingle', { xmlns: JINGLE, action, sid, responder }, content('audio'), content('video'));
}
