import { client, type XmppClient } from '@xmpp/client';
import Transport from '@xmpp/websocket/lib/Connection.js';
import Socket from '@xmpp/websocket/lib/Socket.js';
import xml, { type Element } from '@xmpp/xml';
import WebSocket from 'ws';
import type { Reach } from '../../cloud/account.js';
import { tlsOptions } from './reachable.js';

const MUC = 'http://jabber.org/protocol/muc';
const MUC_USER = 'http://jabber.org/protocol/muc#user';

export interface ParticipantOptions {
  readonly domain: string;
  readonly room: string;
  /** `wss://…/xmpp-websocket` as the page's configuration gives it. */
  readonly websocket: string;
  /** Where rooms are: `conference.` and the domain. */
  readonly muc: string;
  readonly reach?: Reach;
  /** Milliseconds for each answer. */
  readonly timeout: number;
}

/** A participant without a browser: it does in XMPP what the web client does, and nothing of media. */
export class Participant {
  private readonly xmpp: XmppClient;
  private readonly room: string;
  /** Who is in the room, by nickname, as told so far. */
  readonly occupants = new Set<string>();
  /** `x-jitsi-shard` of the WebSocket's answer; empty when there was none. */
  shard = '';

  constructor(private readonly options: ParticipantOptions) {
    this.room = `${options.room}@${options.muc}`;
    this.xmpp = client({
      service: `${options.websocket}?room=${encodeURIComponent(options.room)}`,
      domain: options.domain,
    });
    this.xmpp.timeout = options.timeout;
    this.xmpp.reconnect.stop();
    this.xmpp.transports.unshift(this.transport());
    // Every failure also rejects the call that waits for it; without a listener it would end the process.
    this.xmpp.on('error', () => {});
    this.xmpp.on('stanza', (stanza: Element) => this.follow(stanza));
  }

  /** Connects and logs in anonymously. */
  async connect(): Promise<void> {
    await this.xmpp.start();
  }

  /** Enters the room and waits until the focus is in it too: only then can there be a call. */
  async join(nickname: string): Promise<void> {
    await this.xmpp.send(xml('presence', { to: `${this.room}/${nickname}` }, xml('x', { xmlns: MUC })));
    await this.until(() => this.occupants.has(nickname), 'the room did not let the participant in');
    await this.until(() => this.occupants.has('focus'), 'the focus (Jicofo) did not come into the room');
  }

  async leave(): Promise<void> {
    await this.xmpp.stop().catch(() => {});
  }

  private follow(stanza: Element): void {
    const [room, nickname = ''] = (stanza.attrs.from ?? '').split('/');
    if (!stanza.is('presence') || room !== this.room) return;
    if (stanza.attrs.type === 'error') this.xmpp.emit('refused', stanza);
    else if (stanza.attrs.type === 'unavailable') this.occupants.delete(nickname);
    else if (stanza.getChild('x', MUC_USER)) this.occupants.add(nickname);
  }

  /** Waits for something to become true of the room; says what did not happen otherwise. */
  until(condition: () => boolean, otherwise: string, timeout = this.options.timeout): Promise<void> {
    if (condition()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const done = (settle: () => void) => {
        clearTimeout(timer);
        this.xmpp.off('stanza', check);
        this.xmpp.off('refused', refused);
        this.xmpp.off('disconnect', gone);
        settle();
      };
      const check = () => condition() && done(resolve);
      const refused = (stanza: Element) =>
        done(() => reject(new Error(`${otherwise}: ${stanza.toString()}`)));
      const gone = () => done(() => reject(new Error(`${otherwise}: the connection was closed`)));
      const timer = setTimeout(
        () => done(() => reject(new Error(`${otherwise} within ${timeout / 1000} s`))),
        timeout,
      );
      this.xmpp.on('stanza', check);
      this.xmpp.on('refused', refused);
      this.xmpp.on('disconnect', gone);
    });
  }

  /** xmpp.js opens WebSockets by public names only; this one goes where `reach` says and still checks the name. */
  private transport(): unknown {
    const { domain, reach } = this.options;
    const participant = this;
    class ReachSocket extends Socket {
      override connect(url: string): void {
        this.url = url;
        this.secure = true;
        const socket = new WebSocket(url, ['xmpp'], tlsOptions(domain, reach));
        socket.on('upgrade', (response) => {
          participant.shard = String(response.headers['x-jitsi-shard'] ?? '');
        });
        this._attachSocket(socket);
      }
    }
    class ReachTransport extends Transport {}
    Object.assign(ReachTransport.prototype, { Socket: ReachSocket });
    return ReachTransport;
  }
}
