import { request } from 'node:http';
import type { Socket } from 'node:net';
import { WEBSOCKET_KEY } from './programs.js';
import type { Shard } from './shards.js';

export interface Answer {
  readonly status: number;
  /** `x-jitsi-shard`; empty if there is none. */
  readonly shard: string;
  readonly body: string;
}

/** Sends a request to an edge, as the load balancer does for a participant with this address. */
export function ask(edge: Shard, path: string, client = '198.51.100.7'): Promise<Answer> {
  const { socketPath } = edge;
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, path, agent: false, headers: { 'x-forwarded-for': client } });
    sent.once('error', reject).once('response', (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        body += part;
      });
      const { statusCode: status = 0, headers } = response;
      const shard = String(headers['x-jitsi-shard'] ?? '');
      response.once('error', reject).once('end', () => resolve({ status, shard, body }));
    });
    sent.end();
  });
}

/** A participant's WebSocket. */
export interface Member {
  readonly shard: string;
  alive(): boolean;
  /** Whether a message is echoed. */
  echoes(): Promise<boolean>;
  leave(): void;
}

/** Opens a WebSocket through an edge. Rejects unless it opens. */
export function join(edge: Shard, room: string): Promise<Member> {
  const { socketPath } = edge;
  const headers = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-key': WEBSOCKET_KEY };
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, path: `/xmpp-websocket?room=${room}`, agent: false, headers });
    sent.once('error', reject).once('response', (response) => {
      response.resume();
      reject(new Error(`answered ${response.statusCode}`));
    });
    sent.once('upgrade', (response, socket: Socket) =>
      resolve(member(String(response.headers['x-jitsi-shard']), socket)),
    );
    sent.end();
  });
}

function member(shard: string, socket: Socket): Member {
  let alive = true;
  socket.on('error', () => {}).on('end', () => socket.destroy());
  socket.resume().on('close', () => {
    alive = false;
  });
  return {
    shard,
    alive: () => alive,
    echoes: () =>
      new Promise((resolve) => {
        socket.once('data', () => resolve(true)).once('close', () => resolve(false));
        if (!alive || !socket.write('hello')) resolve(false);
      }),
    leave: () => socket.destroy(),
  };
}

/** Participants in rooms. They reconnect after a disconnection, as the page does. */
export class Participants {
  private readonly members: Map<string, Member[]>;

  constructor(readonly rooms: readonly string[]) {
    this.members = new Map(rooms.map((room) => [room, []]));
  }

  in(room: string): readonly Member[] {
    return this.members.get(room) ?? [];
  }

  /** Adds a participant to every room, through this edge. */
  async joinAll(edge: Shard): Promise<void> {
    for (const [room, members] of this.members) members.push(await join(edge, room));
  }

  /** Disconnected participants try once to reconnect through this edge. True if all are connected. */
  async reconnect(edge: Shard): Promise<boolean> {
    let everybody = true;
    for (const [room, members] of this.members) {
      for (const [n, member] of members.entries()) {
        if (member.alive()) continue;
        const reconnected = await join(edge, room).catch(() => undefined);
        if (reconnected) members[n] = reconnected;
        else everybody = false;
      }
    }
    return everybody;
  }

  /** Rooms with participants on this shard. */
  on(shard: string): string[] {
    return this.rooms.filter((room) => this.shards(room).includes(shard));
  }

  /** Rooms with participants on more than one shard. */
  split(): string[] {
    return this.rooms.filter((room) => this.shards(room).length > 1);
  }

  leave(): void {
    for (const members of this.members.values()) for (const member of members) member.leave();
  }

  private shards(room: string): string[] {
    return [...new Set(this.in(room).flatMap((member) => (member.alive() ? [member.shard] : [])))];
  }
}
