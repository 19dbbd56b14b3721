import { z } from 'zod';
import { PORTS } from '../../../contract/ports.js';
import type { Jicofo as Seen } from '../observation.js';
import { read } from './rest.js';

const Version = z.object({ version: z.string() });
const Statistics = z.object({
  participants: z.number(),
  conferences: z.number(),
  jibri: z.object({ recording_active: z.number(), live_streaming_active: z.number() }).optional(),
  jibri_detector: z.object({ available: z.number() }).optional(),
  bridge_selector: z.object({ bridge_count: z.number(), operational_bridge_count: z.number() }),
});
/** A bridge as Jicofo sees it. `drain`: it accepts no new participants. */
const SeenBridge = z.object({ operational: z.boolean(), drain: z.boolean() });
export type SeenBridge = z.infer<typeof SeenBridge>;
/** Bridges by their addresses in the brewery, `brewery/nickname`. */
const Debug = z.object({ bridge_selector: z.object({ bridge: z.record(z.string(), SeenBridge) }) });
const Moved = z.object({ movedEndpoints: z.number(), conferences: z.number() });
export type Moved = z.infer<typeof Moved>;

/** Client of the local Jicofo's REST interface. */
export interface Jicofo {
  /** Undefined if Jicofo does not answer. */
  status(): Promise<Seen | undefined>;
  /** By nickname in the brewery; undefined if Jicofo does not answer. */
  bridges(): Promise<Readonly<Record<string, SeenBridge>> | undefined>;
  /**
   * Moves all endpoints to other bridges. Undefined if Jicofo does not know the bridge. Rejects if it does not
   * answer.
   */
  moveAllFrom(bridge: string): Promise<Moved | undefined>;
}

export function jicofo(base = `http://127.0.0.1:${PORTS.jicofo}`): Jicofo {
  return {
    async status() {
      const [version, statistics] = await Promise.all([
        read(`${base}/about/version`, Version),
        read(`${base}/stats`, Statistics),
      ]);
      return (
        version && {
          version: version.version,
          statistics: statistics && {
            participants: statistics.participants,
            recorders:
              statistics.jibri && statistics.jibri.recording_active + statistics.jibri.live_streaming_active,
            idleRecorders: statistics.jibri_detector?.available,
            conferences: statistics.conferences,
            bridges: statistics.bridge_selector.bridge_count,
            operationalBridges: statistics.bridge_selector.operational_bridge_count,
          },
        }
      );
    },
    async bridges() {
      const all = (await read(`${base}/debug`, Debug))?.bridge_selector.bridge;
      return (
        all &&
        Object.fromEntries(Object.entries(all).map(([jid, seen]) => [jid.slice(jid.indexOf('/') + 1), seen]))
      );
    },
    async moveAllFrom(bridge) {
      const answer = await fetch(
        `${base}/move-endpoints/move-fraction?bridge=${encodeURIComponent(bridge)}&fraction=1`,
        { signal: AbortSignal.timeout(10_000) },
      );
      if (answer.status === 404) return undefined;
      if (!answer.ok) throw new Error(`Jicofo answered ${answer.status} to move-endpoints`);
      return Moved.parse(await answer.json());
    },
  };
}
