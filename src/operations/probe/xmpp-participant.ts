import { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import { client, type XmppClient } from '@xmpp/client';
import Transport from '@xmpp/websocket/lib/Connection.js';
import Socket from '@xmpp/websocket/lib/Socket.js';
import xml, { type Element } from '@xmpp/xml';
import WebSocket from 'ws';
import type { EndpointOverride } from '../../cloud/account.js';
import { guestQuery } from './bosh.js';
import { connectTo } from './connect.js';
import { acceptance, JINGLE, type Offer, offerIn } from './jingle.js';
import { ignoreEarlyErrors, withoutStreamManagement } from './xmpp-patches.js';

const MUC = 'http://jabber.org/protocol/muc';
const MUC_USER = 'http://jabber.org/protocol/muc#user';
const PING = 'urn:xmpp:ping';
const DISCO_INFO = 'http://jabber.org/protocol/disco#info';

/** What the web client says it can do: the focus offers a session only to those who can take it. */
const FEATURES = [
  DISCO_INFO,
  JINGLE,
  'urn:xmpp:jingle:apps:rtp:1',
  'urn:xmpp:jingle:apps:rtp:audio',
  'urn:xmpp:jingle:apps:rtp:video',
  'urn:xmpp:jingle:apps:dtls:0',
  'urn:xmpp:jingle:transports:ice-udp:1',
  'urn:xmpp:jingle:transports:dtls-sctp:1',
  'urn:ietf:rfc:5761',
  'urn:ietf:rfc:5888',
  'http://jitsi.org/source-name',
  'http://jitsi.org/receive-multiple-video-streams',
];

export interface ParticipantOptions {
  readonly domain: string;
  readonly room: string;
  /** What the participant is invited by, where meetings are for members. */
  readonly token?: string | undefined;
  /** `wss://…/xmpp-websocket` as the page's configuration gives it. */
  readonly websocket: string;
  /** Where rooms are: `conference.` and the domain. */
  readonly muc: string;
  readonly endpointOverride?: EndpointOverride;
  /** Opens what the WebSocket goes over. Default: TLS to the domain, by way of `endpointOverride`. */
  readonly dial?: () => Duplex;
}

/** What happens to a participant who stays. */
interface Happenings {
  /** Somebody came or went; see `occupants`. */
  occupants: [];
  /** The focus gave a place on a bridge. */
  offered: [offer: Offer];
  /** The focus took the place away. */
  ended: [];
  /** The connection is no more. */
  lost: [];
}

/** A participant without a browser: it does in XMPP what the web client does, and nothing of media. */
export class Participant {
  private readonly xmpp: XmppClient;
  private readonly room: string;
  /** Who is in the room, by nickname, as told so far. */
  readonly occupants = new Set<string>();
  /** Sessions that the focus has offered, by their id. */
  readonly invitations = new Map<string, Offer>();
  readonly events = new EventEmitter<Happenings>();
  /** When the server was last heard of, in milliseconds since the epoch; 0 before that. */
  lastHeard = 0;
  /** `x-jitsi-shard` of the WebSocket's answer; empty when there was none. */
  shard = '';
  /** Whether the focus says of itself that it is a fake. */
  usesFakes = false;
  connected = false;
  private socket: WebSocket | undefined;

  constructor(private readonly options: ParticipantOptions) {
    this.room = `${options.room}@${options.muc}`;
    this.xmpp = client({
      service: `${options.websocket}?${guestQuery(options)}`,
      domain: options.domain,
    });
    this.xmpp.reconnect.stop();
    withoutStreamManagement(this.xmpp);
    deafOnceClosed(this.xmpp);
    ignoreEarlyErrors(this.xmpp);
    this.xmpp.transports.unshift(this.transport());
    // Every failure also rejects the call that waits for it; without a listener it would end the process.
    this.xmpp.on('error', () => {});
    this.xmpp.on('element', () => {
      this.lastHeard = Date.now();
    });
    this.xmpp.on('stanza', (stanza: Element) => this.follow(stanza));
    this.xmpp.on('disconnect', () => {
      this.connected = false;
      this.events.emit('lost');
    });
    this.xmpp.iqCallee.get(DISCO_INFO, 'query', ({ element }) => describe(element));
    this.xmpp.iqCallee.set(JINGLE, 'jingle', ({ element, stanza }) => this.invited(element, stanza));
  }

  /** As the web client: the beginning of the name that the server made up. */
  get nickname(): string {
    const [local = ''] = (this.xmpp.jid?.toString() ?? '').split('@');
    return local
      .replace(/[^A-Za-z0-9]/g, '')
      .slice(0, 8)
      .toLowerCase();
  }

  /** Connects and logs in without a name. */
  async connect(timeout: number): Promise<void> {
    this.xmpp.timeout = timeout;
    let timer: NodeJS.Timeout | undefined;
    // Of several causes the first one says what happened, such as the WebSocket's refusal.
    const failed = new Promise<never>((_, reject) => {
      this.xmpp.on('error', reject);
      timer = setTimeout(() => reject(new Error('there was no answer in time')), timeout);
    });
    try {
      await Promise.race([this.xmpp.start(), failed]);
      this.connected = true;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Enters the room and waits until the focus is in it too: only then can there be a call. */
  async join(timeout: number): Promise<void> {
    const { nickname } = this;
    await this.xmpp.send(
      xml(
        'presence',
        { to: `${this.room}/${nickname}` },
        xml('x', { xmlns: MUC }),
        xml('nick', { xmlns: 'http://jabber.org/protocol/nick' }, 'convoke probe'),
      ),
    );
    await this.until(() => this.occupants.has(nickname), 'the room did not let the participant in', timeout);
    await this.until(
      () => this.occupants.has('focus'),
      'the focus (Jicofo) did not come into the room: it is not connected to this Prosody',
      timeout,
    );
  }

  /** Waits until the focus has offered a session: it does so once a bridge has given the participant a place. */
  async invitation(timeout: number): Promise<void> {
    await this.until(
      () => this.invitations.size > 0,
      'the focus did not offer a session: it has no bridge that works',
      timeout,
    );
  }

  /** Asks the server for a sign of life; rejects when none comes in time. */
  async ping(timeout: number): Promise<void> {
    const iq = xml('iq', { type: 'get', to: this.options.domain }, xml('ping', { xmlns: PING }));
    await this.xmpp.iqCaller.request(iq, timeout);
  }

  /** Gives the connection up without a word, as one that is dead. */
  drop(): void {
    this.socket?.terminate();
  }

  async leave(): Promise<void> {
    this.xmpp.timeout = 1_000;
    await this.xmpp.stop().catch(() => {});
  }

  private follow(stanza: Element): void {
    const [room, nickname = ''] = (stanza.attrs.from ?? '').split('/');
    if (!stanza.is('presence') || room !== this.room) return;
    if (stanza.attrs.type === 'error') this.xmpp.emit('refused', stanza);
    else if (stanza.attrs.type === 'unavailable') this.occupants.delete(nickname);
    else if (stanza.getChild('x', MUC_USER)) this.occupants.add(nickname);
    this.events.emit('occupants');
    if (nickname === 'focus') {
      const said = stanza.getChild('conference-properties')?.getChildren('property') ?? [];
      this.usesFakes ||= said.some(({ attrs }) => attrs.key === 'fake' && attrs.value === 'true');
    }
  }

  private invited(jingle: Element, stanza: Element): true {
    const { action, sid = '' } = jingle.attrs;
    if (stanza.attrs.from !== `${this.room}/focus`) return true;
    if (action === 'session-initiate' || action === 'transport-replace') {
      const offer = offerIn(jingle);
      this.invitations.set(sid, offer);
      this.accept(action === 'session-initiate' ? 'session-accept' : 'transport-accept', sid);
      this.events.emit('offered', offer);
    }
    if (action === 'session-terminate' && this.invitations.delete(sid)) this.events.emit('ended');
    return true;
  }

  /** Taken up right after the offer was acknowledged. Whether the focus likes the answer is nothing that a probe depends on. */
  private accept(action: 'session-accept' | 'transport-accept', sid: string): void {
    const answer = acceptance(action, sid, this.xmpp.jid?.toString() ?? '');
    const iq = xml('iq', { type: 'set', to: `${this.room}/focus` }, answer);
    setImmediate(() => this.xmpp.iqCaller.request(iq, 10_000).catch(() => {}));
  }

  /** Waits for something to become true of the room; says what did not happen otherwise. */
  private until(condition: () => boolean, otherwise: string, timeout: number): Promise<void> {
    if (condition()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const done = (settle: () => void) => {
        clearTimeout(timer);
        this.xmpp.off('stanza', check);
        this.xmpp.off('refused', refused);
        this.xmpp.off('disconnect', gone);
        settle();
      };
      // An answer to an IQ is given after the event; look again once it was.
      const check = () => setImmediate(() => condition() && done(resolve));
      const refused = (stanza: Element) =>
        done(() =>
          reject(new Error(`the room refused the participant: ${stanza.getChild('error')?.toString()}`)),
        );
      const gone = () => done(() => reject(new Error(`${otherwise}: the connection was closed`)));
      const timer = setTimeout(
        () => done(() => reject(new Error(`${otherwise} (waited ${timeout / 1000} s)`))),
        timeout,
      );
      this.xmpp.on('stanza', check);
      this.xmpp.on('refused', refused);
      this.xmpp.on('disconnect', gone);
    });
  }

  /** xmpp.js opens WebSockets by public names only; this one goes where `endpointOverride` says and still checks the name. */
  private transport(): unknown {
    const participant = this;
    class OverrideSocket extends Socket {
      override connect(url: string): void {
        this.url = url;
        this.secure = true;
        const { hostname } = new URL(url);
        const { endpointOverride, dial = () => connectTo(hostname, endpointOverride) } = participant.options;
        const socket = new WebSocket(url, ['xmpp'], { createConnection: dial });
        participant.socket = socket;
        socket.on('upgrade', (response) => {
          participant.shard = String(response.headers['x-jitsi-shard'] ?? '');
        });
        this._attachSocket(socket);
      }
    }
    class OverrideTransport extends Transport {}
    Object.assign(OverrideTransport.prototype, { Socket: OverrideSocket });
    return OverrideTransport;
  }
}

/** What still comes while the connection is being closed has nobody to read it, and would end the process. */
function deafOnceClosed(xmpp: XmppClient): void {
  const read = xmpp._onData.bind(xmpp);
  xmpp._onData = (data) => {
    if (xmpp.parser) read(data);
  };
}

function describe(query: Element): Element {
  return xml(
    'query',
    { xmlns: DISCO_INFO, ...(query.attrs.node && { node: query.attrs.node }) },
    xml('identity', { category: 'client', type: 'bot', name: 'convoke probe' }),
    ...FEATURES.map((feature) => xml('feature', { var: feature })),
  );
}
