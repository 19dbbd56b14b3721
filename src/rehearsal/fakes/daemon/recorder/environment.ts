import { z } from 'zod';
import type { Settings } from '../settings.js';

const Environment = z.looseObject({
  'xmpp-server-hosts': z.array(z.string()),
  'base-url': z.string(),
  'xmpp-domain': z.string(),
  'control-muc': z.looseObject({ domain: z.string(), 'room-name': z.string(), nickname: z.string() }),
  'control-login': z.looseObject({ domain: z.string(), username: z.string(), password: z.string() }),
  'call-login': z.looseObject({ domain: z.string(), username: z.string(), password: z.string() }),
  'strip-from-room-domain': z.string(),
});
export type Environment = z.infer<typeof Environment>;

/** The shards at which the recorder logs in, as Jibri reads them. */
export function environments(settings: Settings): Environment[] {
  return z.array(Environment).parse(settings.value('jibri.api.xmpp.environments') ?? []);
}

/** `host:port`; the port is 5222 without one. */
export function address(host: string): { readonly hostname: string; readonly port: number } {
  const [hostname = '', port = '5222'] = host.split(':');
  return { hostname, port: Number(port) };
}
