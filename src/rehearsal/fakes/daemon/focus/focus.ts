import type { XmppClient } from '@xmpp/client';
import xml, { type Element } from '@xmpp/xml';
import { COLIBRI_STATS, HEALTH, MUC } from '../xmpp-session.js';
import { type Bridge, Bridges, type SelectionRules, statsIn, unlessGone } from './bridges.js';
import { Conference, type ConferenceRules } from './conference.js';
import { Recorders } from './recorders.js';

export interface FocusRules extends ConferenceRules, SelectionRules {
  /** `room@internal.auth.DOMAIN`, in which bridges announce themselves. */
  readonly brewery: string;
  /** The same for recorders. Undefined: there are none. */
  readonly recorderBrewery?: string | undefined;
  /** Whether it joins the brewery again after its connection broke. Jicofo sometimes does not (jitsi/jicofo #1297). */
  readonly rejoins: boolean;
  readonly healthChecks: {
    readonly enabled: boolean;
    readonly interval: number;
    readonly retryDelay: number;
    readonly usePresence: boolean;
    readonly presenceTimeout: number;
  };
}

/** The conference focus: tracks bridges, opens rooms, and selects a bridge for every meeting. */
export class Focus {
  readonly bridges: Bridges;
  readonly recorders: Recorders;
  readonly conferences = new Map<string, Conference>();
  private readonly opening = new Map<string, Promise<Conference>>();
  private xmpp?: XmppClient;
  private hasJoined = false;
  requests = 0;
  created = 0;
  moved = 0;

  constructor(
    readonly rules: FocusRules,
    private readonly log: (line: string) => void,
  ) {
    this.bridges = new Bridges(rules);
    this.recorders = new Recorders(rules.recorderBrewery, log);
  }

  online(xmpp: XmppClient): void {
    this.xmpp = xmpp;
    this.log('logged in');
    this.recorders.online(xmpp);
    if (this.hasJoined && !this.rules.rejoins) return;
    this.hasJoined = true;
    xmpp
      .send(xml('presence', { to: `${this.rules.brewery}/focus` }, xml('x', { xmlns: MUC })))
      .catch(() => {});
  }

  get isLoggedIn(): boolean {
    return this.xmpp !== undefined;
  }

  offline(why: string): void {
    this.log(`offline, ${why}`);
    delete this.xmpp;
    this.bridges.clear();
    this.recorders.offline();
    this.conferences.clear();
    this.opening.clear();
  }

  follow(stanza: Element): void {
    if (this.recorders.follow(stanza)) return;
    const from = stanza.attrs.from ?? '';
    const [room = ''] = from.split('/');
    if (room !== this.rules.brewery) this.conferences.get(room)?.follow(stanza);
    else if (stanza.is('presence')) this.followBrewery(from, stanza);
  }

  /** Opens the room if it is not open; resolves when the focus is in it. */
  async open(room: string): Promise<Conference> {
    this.requests++;
    const there = this.conferences.get(room);
    if (there) return there;
    const opening = this.opening.get(room) ?? this.enter(room);
    this.opening.set(room, opening);
    return opening.finally(() => this.opening.delete(room));
  }

  /** Moves meetings away from a bridge until this number of endpoints has moved. A meeting has one bridge, so it moves as a whole. */
  moveFrom(
    bridge: Bridge,
    endpoints: number,
    only?: Conference,
  ): { movedEndpoints: number; conferences: number } {
    let movedEndpoints = 0;
    let conferences = 0;
    for (const conference of only ? [only] : [...this.conferences.values()]) {
      if (movedEndpoints >= endpoints) break;
      const moved = conference.move(bridge, 'a move was requested');
      movedEndpoints += moved;
      if (moved > 0) conferences++;
    }
    this.moved += movedEndpoints;
    return { movedEndpoints, conferences };
  }

  /** Sends a health check to every bridge. An error moves its meetings; a timeout only keeps new ones off it. */
  async checkBridges(): Promise<void> {
    await Promise.all(this.bridges.all().map((bridge) => this.check(bridge)));
  }

  private async enter(room: string): Promise<Conference> {
    const { xmpp, bridges, rules, log } = this;
    if (!xmpp) throw new Error('the focus is not logged in');
    const ended = () => this.conferences.delete(room);
    const conference = new Conference({ xmpp, room, bridges, rules, log, ended });
    this.conferences.set(room, conference);
    try {
      await conference.enter();
    } catch (error) {
      this.conferences.delete(room);
      throw error;
    }
    this.created++;
    log(`${room}: opened`);
    return conference;
  }

  private followBrewery(jid: string, stanza: Element): void {
    if (stanza.attrs.type === 'unavailable') {
      const gone = this.bridges.remove(jid);
      if (gone) this.abandon(gone, 'it left');
      return;
    }
    const stats = stanza.getChild('stats', COLIBRI_STATS);
    if (!stats) return;
    const { added, ending } = this.bridges.update(jid, statsIn(stats), Date.now());
    if (added) {
      this.log(`${jid}: a bridge`);
      for (const conference of this.conferences.values()) conference.bridgeCame();
    }
    const bridge = this.bridges.get(jid, this.rules.brewery);
    if (ending && bridge) this.abandon(bridge, 'it is shutting down');
  }

  private abandon(bridge: Bridge, why: string): void {
    for (const conference of this.conferences.values()) this.moved += conference.move(bridge, why);
  }

  private async check(bridge: Bridge): Promise<void> {
    const { healthChecks, replyTimeout } = this.rules;
    if (healthChecks.usePresence) {
      const silent = Date.now() - bridge.seenAt > healthChecks.presenceTimeout;
      this.verdict(bridge, silent ? 'silent' : bridge.healthy ? 'well' : 'ill');
      return;
    }
    const ask = () => this.askHealth(bridge, replyTimeout);
    let verdict = await ask();
    if (verdict === 'silent' && healthChecks.retryDelay > 0) {
      await new Promise((resolve) => setTimeout(resolve, healthChecks.retryDelay));
      verdict = await ask();
    }
    if (!bridge.gone.signal.aborted) this.verdict(bridge, verdict);
  }

  private async askHealth(bridge: Bridge, timeout: number): Promise<'well' | 'ill' | 'silent'> {
    if (!this.xmpp) return 'silent';
    const question = xml('iq', { type: 'get', to: bridge.jid }, xml('healthcheck', { xmlns: HEALTH }));
    return unlessGone(bridge, this.xmpp.iqCaller.request(question, timeout)).then(
      () => 'well' as const,
      (error: Error) => (error.name === 'TimeoutError' ? ('silent' as const) : ('ill' as const)),
    );
  }

  private verdict(bridge: Bridge, verdict: 'well' | 'ill' | 'silent'): void {
    bridge.failed = verdict !== 'well';
    if (verdict === 'well') return;
    bridge.failedAt = Date.now();
    this.log(`${bridge.jid}: ${verdict === 'ill' ? 'says it is not well' : 'is silent'}`);
    if (verdict === 'ill') this.abandon(bridge, 'it is not well');
  }
}
