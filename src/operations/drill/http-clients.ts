import type { Clock, EndpointOverride } from '../../cloud/account.js';
import { participantFetch } from '../probe/connect.js';
import { meaning } from '../probe/connection-errors.js';
import { probeRoom } from '../probe/room-name.js';
import type { RequestEvent } from './events.js';

/** Number of concurrent requests. */
const AT_ONCE = 8;
const PATIENCE_MS = 5_000;

/** Many rooms that are only requested, like a page's first request. This shows the shard of each, without participants. */
export class HttpClients {
  readonly events: RequestEvent[] = [];
  readonly rooms: readonly string[];

  constructor(
    private readonly domain: string,
    private readonly endpointOverride: EndpointOverride | undefined,
    private readonly clock: Clock,
    size: number,
  ) {
    this.rooms = Array.from({ length: size }, probeRoom);
  }

  /** Requests every room once. */
  async come(): Promise<void> {
    const web = participantFetch(this.domain, this.endpointOverride);
    const waiting = [...this.rooms];
    const one = async () => {
      for (let room = waiting.pop(); room !== undefined; room = waiting.pop()) {
        const at = this.clock.now().getTime();
        const answer = await this.ask(web.fetch, room);
        this.events.push({ at, room, ...answer });
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, one));
    await web.close();
  }

  private async ask(
    fetch: ReturnType<typeof participantFetch>['fetch'],
    room: string,
  ): Promise<{ ok: boolean; shard: string; why: string }> {
    try {
      const answer = await fetch(`/config.js?room=${room}`, { signal: AbortSignal.timeout(PATIENCE_MS) });
      await answer.text();
      const shard = answer.headers.get('x-jitsi-shard') ?? '';
      return answer.status === 200
        ? { ok: true, shard, why: '' }
        : { ok: false, shard: '', why: `answered ${answer.status}` };
    } catch (error) {
      return { ok: false, shard: '', why: meaning(error) };
    }
  }
}

/**
 * Rooms that were on more than one working shard. A room may move once, away from the broken shard.
 */
export function misrouted(events: readonly RequestEvent[], lostShard: string, broken: number): string[] {
  const rooms = new Map<string, string[]>();
  const wrong = new Set<string>();
  for (const { room, ok, shard, at } of events) {
    if (!ok) continue;
    const known = rooms.get(room) ?? [];
    rooms.set(room, known);
    if (known.at(-1) === shard) continue;
    const mayMove = known.length === 0 || (known.length === 1 && known[0] === lostShard && at >= broken);
    if (!mayMove) wrong.add(room);
    known.push(shard);
  }
  return [...wrong];
}
