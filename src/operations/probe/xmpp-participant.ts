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
const JIBRI = 'http://jitsi.org/protocol/jibri';
const PING = 'urn:xmpp:ping';
const DISCO_INFO = 'http://jabber.org/protocol/disco#info';

/** Features that the web client announces. The focus offers a session only to clients that have them. */
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
  /** The participant's token, if meetings are for members. */
  readonly token?: string | undefined;
  /** `wss://…/xmpp-websocket` from the page's configuration. */
  readonly websocket: string;
  /** The host of rooms: `conference.` and the domain. */
  readonly muc: string;
  readonly endpointOverride?: EndpointOverride;
  /** Opens the WebSocket's connection. Default: TLS to the domain, with `endpointOverride`. */
  readonly dial?: () => Duplex;
}

/** Events of a participant. */
interface Happenings {
  /** Another participant joined or left; see `occupants`. */
  occupants: [];
  /** The focus assigned an endpoint on a bridge. */
  offered: [offer: Offer];
  /** The focus ended the session. */
  ended: [];
  /** The connection was closed. */
  lost: [];
}

/** A participant without a browser. It uses XMPP like the web client, without media. */
export class Participant {
  private readonly xmpp: XmppClient;
  private readonly room: string;
  /** Participants in the room, by nickname. */
  readonly occupants = new Set<string>();
  /** Sessions that the focus has offered, by their id. */
  readonly invitations = new Map<string, Offer>();
  readonly events = new EventEmitter<Happenings>();
  /** Time of the server's last message, in milliseconds since the epoch; 0 before the first. */
  lastHeard = 0;
  /** `x-jitsi-shard` of the WebSocket's response; empty without the header. */
  shard = '';
  /** State of the room's recording as the focus tells it: `pending`, `on`, `off`; empty before the first. */
  recording = '';
  /** Whether the focus is a fake. */
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

  /** Like the web client's: the beginning of the user name that the server generated. */
  get nickname(): string {
    const [local = ''] = (this.xmpp.jid?.toString() ?? '').split('@');
    return local
      .replace(/[^A-Za-z0-9]/g, '')
      .slice(0, 8)
      .toLowerCase();
  }

  /** Connects and logs in anonymously. */
  async connect(timeout: number): Promise<void> {
    this.xmpp.timeout = timeout;
    let timer: NodeJS.Timeout | undefined;
    // Of several causes, the first one is the reason, such as the refusal of the WebSocket.
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

  /** Enters the room and waits for the focus, without which there is no call. */
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

  /** Waits until the focus has offered a session, which it does once a bridge has an endpoint for the participant. */
  async invitation(timeout: number): Promise<void> {
    await this.until(
      () => this.invitations.size > 0,
      'the focus did not offer a session: it has no bridge that works',
      timeout,
    );
  }

  /** Pings the server. Rejects after a timeout. */
  async ping(timeout: number): Promise<void> {
    const iq = xml('iq', { type: 'get', to: this.options.domain }, xml('ping', { xmlns: PING }));
    await this.xmpp.iqCaller.request(iq, timeout);
  }

  /** Asks the focus to record the meeting or to stop. Rejects with the focus's or the server's refusal. */
  async record(action: 'start' | 'stop', timeout: number): Promise<void> {
    const wish = xml('jibri', { xmlns: JIBRI, action, recording_mode: 'file' });
    await this.xmpp.iqCaller.request(xml('iq', { type: 'set', to: `${this.room}/focus` }, wish), timeout);
  }

  /** Waits until the focus tells this state of a recording. */
  async recordingIs(state: 'on' | 'off', timeout: number): Promise<void> {
    await this.until(() => this.recording === state, `the recording is not ${state}`, timeout);
  }

  /** Drops the connection without closing the stream, like a dead one. */
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
      this.recording = stanza.getChild('jibri-recording-status', JIBRI)?.attrs.status ?? this.recording;
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

  /** Sent right after the acknowledgement of the offer. The probe does not depend on the focus's response. */
  private accept(action: 'session-accept' | 'transport-accept', sid: string): void {
    const answer = acceptance(action, sid, this.xmpp.jid?.toString() ?? '');
    const iq = xml('iq', { type: 'set', to: `${this.room}/focus` }, answer);
    setImmediate(() => this.xmpp.iqCaller.request(iq, 10_000).catch(() => {}));
  }

  /** Waits until a condition of the room holds. Rejects with a description of it after a timeout. */
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
      // The answer to an IQ is sent after the event, so the condition is checked again after that.
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

  /** xmpp.js opens WebSockets only at public names. This one uses `endpointOverride`, and still verifies the name. */
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

/** Errors during the closing of the connection have no other listener, and would end the process. */
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
