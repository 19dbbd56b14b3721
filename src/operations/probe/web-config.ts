import { createContext, Script } from 'node:vm';
import { z } from 'zod';

/** Settings of the page that a participant needs. */
export const WebConfig = z.object({
  hosts: z.object({ domain: z.string(), muc: z.string() }),
  bosh: z.url({ protocol: /^https$/ }).optional(),
  websocket: z.url({ protocol: /^wss$/ }),
  conferenceRequestUrl: z.url({ protocol: /^https$/ }).optional(),
  deploymentInfo: z.object({ shard: z.string() }).partial().optional(),
  /** Pings by which the client detects a dead connection; milliseconds. */
  xmppPing: z
    .object({ interval: z.number(), timeout: z.number(), threshold: z.number() })
    .partial()
    .optional(),
  /** Minimum interval between the client's checks whether its room is still on its shard; milliseconds. Negative: never. */
  websocketKeepAlive: z.number().optional(),
});
export type WebConfig = z.infer<typeof WebConfig>;

/** Maximum size, larger than any valid `config.js`. */
const LONGEST = 1_000_000;

/**
 * The settings of `config.js`. Jitsi designed it as a program: it builds URLs from the tenant in the path. So it is executed as
 * in a browser, but in an empty context: it cannot reach objects of this process or generate code from strings, it has half a
 * second, and its only output is text. The script comes over verified TLS from the probed deployment; the context protects
 * against a broken one.
 */
export function readWebConfig(script: string): WebConfig {
  if (script.length > LONGEST) throw new Error('config.js is too long to be a configuration');
  let json: unknown;
  try {
    const context = createContext(Object.create(null), { codeGeneration: { strings: false, wasm: false } });
    json = new Script(`${script}\n;JSON.stringify(config)`, { filename: 'config.js' }).runInContext(context, {
      timeout: 500,
    });
  } catch (error) {
    throw new Error(`config.js cannot be run: ${error instanceof Error ? error.message : 'it threw'}`);
  }
  const parsed = WebConfig.safeParse(typeof json === 'string' ? JSON.parse(json) : undefined);
  if (parsed.success) return parsed.data;
  throw new Error(`config.js is not complete: ${z.prettifyError(parsed.error)}`);
}
