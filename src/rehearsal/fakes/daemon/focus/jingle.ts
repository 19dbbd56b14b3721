import xml, { type Element } from '@xmpp/xml';

export const JINGLE = 'urn:xmpp:jingle:1';
const FOCUS = 'http://jitsi.org/protocol/focus';
const RTP = 'urn:xmpp:jingle:apps:rtp:1';

/** An offer of a session with the bridge's transport. It has no codec parameters, because there is no media. */
export function sessionInitiate(options: {
  readonly initiator: string;
  readonly sid: string;
  readonly bridgeSession: string;
  readonly transport: Element | undefined;
}): Element {
  const media = (name: 'audio' | 'video') =>
    xml(
      'content',
      { creator: 'initiator', name, senders: 'both' },
      xml('description', { xmlns: RTP, media: name }),
      options.transport,
    );
  return xml(
    'jingle',
    { xmlns: JINGLE, action: 'session-initiate', initiator: options.initiator, sid: options.sid },
    media('audio'),
    media('video'),
    xml(
      'group',
      { xmlns: 'urn:xmpp:jingle:apps:grouping:0', semantics: 'BUNDLE' },
      xml('content', { name: 'audio' }),
      xml('content', { name: 'video' }),
    ),
    xml('bridge-session', { xmlns: FOCUS, id: options.bridgeSession }),
  );
}

export function sessionTerminate(sid: string, reason: 'success' | 'expired' | 'general-error'): Element {
  return xml('jingle', { xmlns: JINGLE, action: 'session-terminate', sid }, xml('reason', {}, xml(reason)));
}

/** The conference's properties in the focus's presence, and that it is a fake. */
export function conferenceProperties(properties: Readonly<Record<string, string>>): Element {
  return xml(
    'conference-properties',
    { xmlns: FOCUS },
    ...Object.entries(properties).map(([key, value]) => xml('property', { key, value })),
  );
}
