import { randomBytes, randomUUID } from 'node:crypto';
import type { XmppClient } from '@xmpp/client';
import xml, { type Element } from '@xmpp/xml';
import { COLIBRI2, MUC, MUC_ADMIN, MUC_USER } from '../xmpp-session.js';
import { type Bridge, type Bridges, unlessGone } from './bridges.js';
import { conferenceProperties, sessionInitiate, sessionTerminate } from './jingle.js';

export interface ConferenceRules {
  /** Milliseconds to wait for a first participant. */
  readonly initialTimeout: number;
  /** Milliseconds that a single remaining participant keeps their endpoint on the bridge. */
  readonly singleParticipantTimeout: number;
  readonly minParticipants: number;
  readonly autoOwner: boolean;
  /** Timeout of a response from a bridge or a participant, in milliseconds. */
  readonly replyTimeout: number;
}

export interface ConferenceDependencies {
  readonly xmpp: XmppClient;
  readonly room: string;
  readonly bridges: Bridges;
  readonly rules: ConferenceRules;
  readonly log: (line: string) => void;
  readonly ended: () => void;
}

interface Session {
  readonly sid: string;
  readonly bridge: Bridge;
}

const NICKNAME = 'focus';

/** A meeting: the focus in its room, the participants, and their bridge. */
export class Conference {
  /** Sessions on the bridge by nickname; undefined while none is offered. */
  readonly participants = new Map<string, Session | undefined>();
  bridge?: Bridge;
  private readonly meetingId = randomUUID();
  private bridgeSession = '';
  private created = false;
  private owner?: string;
  private closed = false;
  private timer: NodeJS.Timeout | undefined;
  private work: Promise<void> = Promise.resolve();

  constructor(private readonly around: ConferenceDependencies) {}

  /** Enters the room; resolves when Prosody has let the focus in. */
  async enter(): Promise<void> {
    const { xmpp, room, rules } = this.around;
    const entered = new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () => done(() => reject(new Error(`${room} did not answer`))),
        rules.replyTimeout,
      );
      const done = (settle: () => void) => {
        clearTimeout(timer);
        xmpp.off('stanza', look);
        settle();
      };
      const look = (stanza: Element) => {
        if (!stanza.is('presence') || stanza.attrs.from !== `${room}/${NICKNAME}`) return;
        if (stanza.attrs.type === 'error')
          done(() => reject(new Error(`${room} refused the focus: ${stanza.toString()}`)));
        else if (!stanza.attrs.type) done(resolve);
      };
      xmpp.on('stanza', look);
    });
    // A failure to send shows as a missing answer.
    xmpp.send(this.presence(xml('x', { xmlns: MUC }))).catch(() => {});
    await entered;
    this.leaveUnlessJoined();
  }

  follow(stanza: Element): void {
    const [, nickname = ''] = (stanza.attrs.from ?? '').split('/');
    if (!stanza.is('presence') || nickname === NICKNAME || !nickname) return;
    if (stanza.attrs.type === 'unavailable') this.left(nickname);
    else if (!stanza.attrs.type && !this.participants.has(nickname)) this.joined(nickname, stanza);
  }

  /** Moves all participants to another bridge, or ends their sessions if there is none. Returns the number of moved ones. */
  move(away: Bridge, reason: string): number {
    if (this.bridge !== away) return 0;
    const { around } = this;
    const moved = [...this.participants.values()].filter(Boolean).length;
    around.log(`${around.room}: leaving ${away.jid}, ${reason}`);
    this.enqueue(async () => {
      // Another event may have moved all of them in the meantime.
      if (this.bridge !== away) return;
      await this.releaseBridge('general-error');
      await this.invite(away);
    });
    return moved;
  }

  /** A bridge is available again: participants without one are invited again. */
  bridgeCame(): void {
    if (!this.bridge) this.enqueue(() => this.invite());
  }

  private joined(nickname: string, stanza: Element): void {
    this.participants.set(nickname, undefined);
    clearTimeout(this.timer);
    const item = stanza.getChild('x', MUC_USER)?.getChild('item');
    const { rules } = this.around;
    if (item?.attrs.affiliation === 'owner') this.owner ??= nickname;
    else if (rules.autoOwner && !this.owner && item?.attrs.jid) this.makeOwner(nickname, item.attrs.jid);
    this.enqueue(() => this.invite());
  }

  private left(nickname: string): void {
    const session = this.participants.get(nickname);
    this.participants.delete(nickname);
    if (this.owner === nickname) delete this.owner;
    this.enqueue(async () => {
      if (session && !this.closed) {
        await this.colibri(session.bridge, xml('endpoint', { id: nickname, expire: 'true' }));
      }
      if (session) session.bridge.endpoints--;
      if (this.participants.size === 0) await this.end();
    });
    if (this.participants.size !== 1) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (this.participants.size === 1) this.enqueue(() => this.releaseBridge('expired'));
    }, this.around.rules.singleParticipantTimeout);
  }

  private leaveUnlessJoined(): void {
    this.timer = setTimeout(() => {
      if (this.participants.size === 0) this.enqueue(() => this.end());
    }, this.around.rules.initialTimeout);
  }

  /** Offers a session to all participants without one, once there are enough. */
  private async invite(except?: Bridge): Promise<void> {
    const { around } = this;
    if (this.closed || this.participants.size < around.rules.minParticipants) return;
    if (!this.bridge) {
      this.bridge = around.bridges.select(Date.now(), except);
      this.bridgeSession = randomBytes(4).toString('hex');
      this.created = false;
      if (!this.bridge) around.log(`${around.room}: no bridge is operational`);
      else around.log(`${around.room}: on ${this.bridge.jid}`);
    }
    const { bridge } = this;
    if (!bridge) return;
    for (const [nickname, session] of this.participants) {
      if (session) continue;
      const transport = await this.allocate(bridge, nickname);
      if (this.bridge !== bridge || !transport) return;
      if (!this.participants.has(nickname)) {
        // The participant left during the request to the bridge.
        await this.colibri(bridge, xml('endpoint', { id: nickname, expire: 'true' }));
        continue;
      }
      const sid = randomBytes(6).toString('hex');
      this.participants.set(nickname, { sid, bridge });
      bridge.endpoints++;
      const offer = sessionInitiate({
        initiator: around.xmpp.jid?.toString() ?? '',
        sid,
        bridgeSession: this.bridgeSession,
        transport: transport === true ? undefined : transport,
      });
      this.tell(nickname, offer);
    }
  }

  /** Allocates an endpoint on the bridge for a participant, and returns its transport. If the bridge fails, uses another. */
  private async allocate(bridge: Bridge, nickname: string): Promise<Element | true | undefined> {
    const endpoint = xml('endpoint', { id: nickname, create: 'true' }, xml('transport', {}));
    const answer = await this.colibri(bridge, endpoint);
    if (answer) {
      bridge.failed = false;
      this.created = true;
      return answer.getChild('endpoint')?.getChild('transport')?.getChild('transport') ?? true;
    }
    bridge.failed = true;
    bridge.failedAt = Date.now();
    this.move(bridge, 'it did not give a place');
    return undefined;
  }

  private async releaseBridge(reason: 'expired' | 'general-error'): Promise<void> {
    const { bridge } = this;
    if (!bridge) return;
    delete this.bridge;
    for (const [nickname, session] of this.participants) {
      if (!session) continue;
      this.participants.set(nickname, undefined);
      bridge.endpoints--;
      this.tell(nickname, sessionTerminate(session.sid, reason));
    }
    // No request to a bridge that has left.
    if (this.around.bridges.all().includes(bridge)) void this.colibri(bridge, undefined);
  }

  private async end(): Promise<void> {
    if (this.closed || this.participants.size > 0) return;
    this.closed = true;
    clearTimeout(this.timer);
    await this.releaseBridge('expired');
    const { xmpp, room, ended } = this.around;
    ended();
    await xmpp.send(xml('presence', { type: 'unavailable', to: `${room}/${NICKNAME}` })).catch(() => {});
  }

  /** The bridge's `<conference-modified>`, or undefined if it refused, was silent or left. Without an endpoint: expire all. */
  private async colibri(bridge: Bridge, endpoint: Element | undefined): Promise<Element | undefined> {
    const { xmpp, room, rules, log } = this.around;
    const modify = xml(
      'conference-modify',
      {
        xmlns: COLIBRI2,
        'meeting-id': this.meetingId,
        name: room,
        ...(endpoint?.attrs.create && !this.created && { create: 'true' }),
        ...(!endpoint && { expire: 'true' }),
      },
      endpoint,
    );
    const iq = xml('iq', { type: 'set', to: bridge.jid }, modify);
    try {
      const answer = await unlessGone(bridge, xmpp.iqCaller.request(iq, rules.replyTimeout));
      return answer.getChild('conference-modified', COLIBRI2);
    } catch (error) {
      log(`${room}: ${bridge.jid} refused: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  }

  private makeOwner(nickname: string, jid: string): void {
    this.owner = nickname;
    const { xmpp, room, rules, log } = this.around;
    const bare = jid.split('/')[0] ?? jid;
    const grant = xml('query', { xmlns: MUC_ADMIN }, xml('item', { jid: bare, affiliation: 'owner' }));
    xmpp.iqCaller
      .request(xml('iq', { type: 'set', to: room }, grant), rules.replyTimeout)
      .catch((error: unknown) => log(`${room}: ${nickname} could not be made owner: ${String(error)}`));
  }

  private tell(nickname: string, jingle: Element): void {
    const { xmpp, room, rules, log } = this.around;
    xmpp.iqCaller
      .request(xml('iq', { type: 'set', to: `${room}/${nickname}` }, jingle), rules.replyTimeout)
      .catch((error: unknown) =>
        log(`${room}: ${nickname} did not take ${jingle.attrs.action}: ${String(error)}`),
      );
  }

  private presence(...more: Element[]): Element {
    return xml(
      'presence',
      { to: `${this.around.room}/${NICKNAME}` },
      ...more,
      conferenceProperties({ fake: 'true', 'support-terminate-restart': 'true' }),
    );
  }

  /** Runs tasks one after another, so that a move and a new participant do not interfere. */
  private enqueue(job: () => Promise<void>): void {
    this.work = this.work
      .then(job)
      .catch((error: unknown) => this.around.log(`${this.around.room}: ${String(error)}`));
  }
}
