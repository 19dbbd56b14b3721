import { z } from 'zod';
import { isObject } from '../hocon.js';
import type { Settings } from '../settings.js';
import type { Shard } from './breweries.js';

/** Videobridge has the same names in upper case in its file and in lower case over REST. Every value is a string. */
const ShardFields = z.object({
  hostname: z.string(),
  port: z.coerce.number().int().default(5222),
  domain: z.string().optional(),
  username: z.string(),
  password: z.string(),
  muc_jids: z.string(),
  muc_nickname: z.string(),
  disable_certificate_verification: z.string().default('false'),
});

export interface ConfiguredShard extends Shard {
  readonly trustsAnyCertificate: boolean;
}

/** A shard from one `videobridge.apis.xmpp-client.configs` entry or one `muc-client/add` body; undefined if incomplete. */
export function shardFrom(
  id: string,
  fields: Readonly<Record<string, unknown>>,
): ConfiguredShard | undefined {
  const lower = Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key.toLowerCase(), String(value)]),
  );
  const parsed = ShardFields.safeParse(lower);
  if (!parsed.success) return undefined;
  const { muc_jids, muc_nickname, domain, disable_certificate_verification, ...login } = parsed.data;
  return {
    id,
    ...login,
    domain: domain ?? login.hostname,
    rooms: muc_jids
      .split(',')
      .map((jid) => jid.trim())
      .filter(Boolean),
    nickname: muc_nickname,
    trustsAnyCertificate: disable_certificate_verification === 'true',
  };
}

export function configuredShards(settings: Settings): ConfiguredShard[] {
  const configs = settings.value('videobridge.apis.xmpp-client.configs');
  if (!isObject(configs)) return [];
  return Object.entries(configs).map(([id, fields]) => {
    const shard = isObject(fields) ? shardFrom(id, fields) : undefined;
    if (!shard) throw new Error(`videobridge.apis.xmpp-client.configs.${id} is not complete`);
    return shard;
  });
}
