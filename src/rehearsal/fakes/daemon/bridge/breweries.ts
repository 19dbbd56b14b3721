import type { XmppClient } from '@xmpp/client';
import xml, { type Element } from '@xmpp/xml';
import {
  COLIBRI_STATS,
  COLIBRI2,
  HEALTH,
  type Login,
  MUC,
  MUC_USER,
  stanzaError,
  stayLoggedIn,
} from '../xmpp-session.js';
import type { BridgeLoad, ConnectionMetrics } from './load.js';

/** A shard in whose brewery the bridge is. */
export interface Shard extends Login {
  readonly id: string;
  readonly rooms: readonly string[];
  readonly nickname: string;
}

interface Connection {
  readonly shard: Shard;
  readonly stop: AbortController;
  xmpp?: XmppClient;
  readonly joined: Set<string>;
  /** Settles when the connection is closed permanently. */
  session: Promise<void>;
}

/** The bridge's logins: in each shard's brewery it reports its state, and answers requests of the focus. */
export class Breweries {
  private readonly connections = new Map<string, Connection>();

  constructor(
    private readonly load: BridgeLoad,
    private readonly log: (line: string) => void,
  ) {}

  /** For an existing id, Videobridge replaces the login if server or account differ, and otherwise does nothing. */
  add(shard: Shard): void {
    const there = this.connections.get(shard.id);
    if (there && sameLogin(there.shard, shard)) return;
    if (there) this.remove(shard.id);
    const connection: Connection = {
      shard,
      stop: new AbortController(),
      joined: new Set(),
      session: Promise.resolve(),
    };
    this.connections.set(shard.id, connection);
    const offline = (why: string) => {
      delete connection.xmpp;
      connection.joined.clear();
      this.load.abandon(shard.id, Date.now());
      this.log(`${shard.id}: offline, ${why}`);
    };
    connection.session = stayLoggedIn(
      shard,
      {
        prepare: (xmpp) => this.answerIqs(xmpp, shard.id),
        online: (xmpp) => {
          connection.xmpp = xmpp;
          this.log(`${shard.id}: logged in at ${shard.hostname}:${shard.port}`);
          for (const room of shard.rooms) this.present(connection, room, xml('x', { xmlns: MUC }));
        },
        stanza: (stanza) => this.follow(connection, stanza),
        offline,
      },
      connection.stop.signal,
    );
  }

  remove(id: string): boolean {
    this.connections.get(id)?.stop.abort();
    this.load.abandon(id, Date.now());
    return this.connections.delete(id);
  }

  ids(): string[] {
    return [...this.connections.keys()];
  }

  /** Sends the current statistics to every brewery. */
  publish(): void {
    for (const connection of this.connections.values()) {
      for (const room of connection.joined) this.present(connection, room);
    }
  }

  measurements(): ConnectionMetrics {
    const connections = [...this.connections.values()];
    const sum = (count: (connection: Connection) => number) =>
      connections.reduce((total, one) => total + count(one), 0);
    return {
      muc_clients_configured: connections.length,
      muc_clients_connected: sum(({ xmpp }) => (xmpp ? 1 : 0)),
      mucs_configured: sum(({ shard }) => shard.rooms.length),
      mucs_joined: sum(({ joined }) => joined.size),
    };
  }

  /** Leaves every brewery, so that the focus moves its conferences immediately. */
  async close(): Promise<void> {
    const connections = [...this.connections.values()];
    for (const { stop } of connections) stop.abort();
    await Promise.all(connections.map(({ session }) => session));
  }

  private present(connection: Connection, room: string, ...more: Element[]): void {
    const stats = Object.entries(this.load.stats(this.measurements(), new Date())).map(([name, value]) =>
      xml('stat', { name, value: String(value) }),
    );
    connection.xmpp
      ?.send(
        xml(
          'presence',
          { to: `${room}/${connection.shard.nickname}` },
          ...more,
          xml('stats', { xmlns: COLIBRI_STATS }, ...stats),
        ),
      )
      .catch((error: unknown) => this.log(`${connection.shard.id}: ${String(error)}`));
  }

  private follow(connection: Connection, stanza: Element): void {
    if (!stanza.is('presence')) return;
    const [room = '', nickname] = (stanza.attrs.from ?? '').split('/');
    if (nickname !== connection.shard.nickname) return;
    if (stanza.attrs.type === 'error') {
      this.log(`${connection.shard.id}: ${room} refused the bridge: ${stanza.getChild('error')?.toString()}`);
      // The focus may not have created the room yet: the next login attempt retries.
      connection.xmpp?.stop().catch(() => {});
    } else if (stanza.attrs.type === 'unavailable') {
      connection.joined.delete(room);
    } else if (stanza.getChild('x', MUC_USER) && !connection.joined.has(room)) {
      connection.joined.add(room);
      this.log(`${connection.shard.id}: joined ${room}`);
    }
  }

  private answerIqs(xmpp: XmppClient, shard: string): void {
    xmpp.iqCallee.set(COLIBRI2, 'conference-modify', ({ element }) => this.load.modify(element, shard));
    xmpp.iqCallee.get(HEALTH, 'healthcheck', () =>
      this.load.healthy ? true : stanzaError('cancel', 'internal-server-error'),
    );
    xmpp.iqCallee.get('jabber:iq:version', 'query', () =>
      xml(
        'query',
        { xmlns: 'jabber:iq:version' },
        xml('name', {}, 'JVB fake'),
        xml('os', {}, process.platform),
      ),
    );
  }
}

const sameLogin = (one: Shard, other: Shard): boolean =>
  one.hostname === other.hostname &&
  one.port === other.port &&
  one.domain === other.domain &&
  one.username === other.username;
