import { createContext, Script } from 'node:vm';
import { z } from 'zod';

/** What a participant needs of the page's configuration. */
export const WebConfig = z.object({
  hosts: z.object({ domain: z.string(), muc: z.string() }),
  bosh: z.url({ protocol: /^https$/ }).optional(),
  websocket: z.url({ protocol: /^wss$/ }),
  conferenceRequestUrl: z.url({ protocol: /^https$/ }).optional(),
  deploymentInfo: z.object({ shard: z.string() }).partial().optional(),
  /** How the client finds out that its connection is dead; milliseconds. */
  xmppPing: z
    .object({ interval: z.number(), timeout: z.number(), threshold: z.number() })
    .partial()
    .optional(),
  /** How seldom the client asks whether its room is still on its shard; milliseconds. Negative: never. */
  websocketKeepAlive: z.number().optional(),
});
export type WebConfig = z.infer<typeof WebConfig>;

/** Longer than any honest `config.js`. */
const LONGEST = 1_000_000;

/**
 * What `config.js` sets. It is a program, by design of Jitsi: addresses are put together from the tenant in the path. So
 * it is run as a browser would, but in an empty context: no object of ours is within its reach, it may not make code from
 * text, it has half a second, and all that comes out is text. The script comes over verified TLS from the deployment that
 * is probed; the context guards against a broken one.
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
