import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import xml, { type Element } from '@xmpp/xml';
import { z } from 'zod';
import { type Answer, prometheus, type Routes, serveRest } from '../rest.js';
import { configuredSettings, type Settings } from '../settings.js';
import { tolerateSlowLogins, trustAnyCertificate } from '../xmpp-session.js';
import { addressTrouble, mediaAddresses } from './addresses.js';
import { Breweries } from './breweries.js';
import { BridgeLoad } from './load.js';
import { configuredShards, shardFrom } from './shards.js';

/** A fake of Videobridge: same ports, REST API, presence and drain. It forwards no media and does not claim to. */

const VERSION = process.env.FAKE_VERSION ?? 'fake';

const AddMucClient = z.looseObject({ id: z.string() });
const Shutdown = z.object({ 'graceful-shutdown': z.union([z.boolean(), z.stringbool()]) });

const Part = z.looseObject({ id: z.string(), create: z.boolean() });
/** A colibri2 request in JSON, as far as the agent uses it. Refused if Videobridge would refuse it. */
const ConferenceModify = z
  .looseObject({
    'meeting-id': z.string(),
    create: z.boolean().optional(),
    expire: z.boolean().optional(),
    endpoints: z
      .array(Part.extend({ capabilities: z.array(z.string()) }))
      .refine((all) => all.every(({ capabilities }) => capabilities.includes('source-names')))
      .default([]),
    relays: z.array(Part).default([]),
  })
  .refine(
    ({ endpoints, relays }) => endpoints.length === 0 || relays.length === 0,
    'not both in one request',
  );

const elementOf = ({ create, expire, endpoints, ...request }: z.infer<typeof ConferenceModify>): Element =>
  xml(
    'conference-modify',
    { 'meeting-id': request['meeting-id'], create: `${create ?? false}`, expire: `${expire ?? false}` },
    ...endpoints.map((endpoint) => xml('endpoint', { id: endpoint.id, create: `${endpoint.create}` })),
  );

async function main(settings: Settings): Promise<void> {
  const addresses = mediaAddresses(settings);
  const trouble = addressTrouble(settings, addresses);
  const region = settings.text('videobridge.relay.region', '');
  const relayId = settings.flag('videobridge.relay.enabled', false)
    ? settings.text('videobridge.relay.relay-id', '')
    : '';
  const load = new BridgeLoad({
    stressPerEndpoint: settings.number('videobridge.load-management.average-participant-stress', 0.01),
    addresses,
    version: VERSION,
    ...(region && { region }),
    ...(relayId && { relayId }),
  });
  load.healthy = trouble === undefined;
  load.draining = settings.flag('videobridge.initial-drain-mode', false);

  const media = createSocket('udp4').bind(settings.number('videobridge.ice.udp.port', 10_000));
  await once(media, 'listening');

  const shards = configuredShards(settings);
  if (shards.some(({ trustsAnyCertificate }) => trustsAnyCertificate)) trustAnyCertificate();
  const breweries = new Breweries(load, console.log);
  for (const shard of shards) breweries.add(shard);

  const rest = await serveRest(
    settings.text('videobridge.http-servers.private.host', '127.0.0.1'),
    settings.number('videobridge.http-servers.private.port', 8080),
    routes(settings, load, breweries, trouble),
  );
  const interval = settings.milliseconds('videobridge.stats.interval', 5_000);
  setInterval(
    () => breweries.publish(),
    settings.milliseconds('videobridge.apis.xmpp-client.presence-interval', interval),
  );

  const expiry = settings.milliseconds('videobridge.entity-expiration.timeout', 60_000);
  setInterval(() => load.expire(Date.now(), expiry), 1_000);

  const leave = async () => {
    rest.close();
    media.close();
    await breweries.close();
    process.exit(143);
  };
  process.on('SIGTERM', () => void leave());
  process.on('SIGINT', () => void leave());
  leaveWhenEmpty(settings, load, leave);
  console.log(`Fake of Videobridge is up with ${shards.length} shard(s); it forwards no media.`);
}

/** Graceful shutdown: after the last participant has left, Videobridge waits another minute before it exits. */
function leaveWhenEmpty(settings: Settings, load: BridgeLoad, leave: () => Promise<void>): void {
  const least = settings.number('videobridge.shutdown.graceful-shutdown-min-participants', 0);
  const delay = settings.milliseconds('videobridge.shutdown.shutting-down-delay', 60_000);
  let leaving = false;
  setInterval(() => {
    if (load.shutdown === 'graceful' && load.endpoints <= least) load.shutdown = 'shutting-down';
    if (load.shutdown !== 'shutting-down' || leaving) return;
    leaving = true;
    setTimeout(() => void leave(), delay);
  }, 200);
}

function routes(
  settings: Settings,
  load: BridgeLoad,
  breweries: Breweries,
  trouble: string | undefined,
): Routes {
  const stats = () => load.stats(breweries.measurements(), new Date());
  const drain = (enable: boolean) => (): Answer => {
    load.draining = enable;
    return { status: 200 };
  };
  const about: Routes = {
    'GET /about/health': () => (trouble === undefined ? { status: 200 } : { status: 500, body: trouble }),
    'GET /about/version': () => ({ status: 200, body: { name: 'JVB', version: VERSION, os: 'Linux' } }),
    'GET /metrics': () => ({ status: 200, body: metrics(load) }),
    'GET /colibri/drain': () => ({ status: 200, body: { drain: load.draining } }),
    'POST /colibri/drain/enable': drain(true),
    'POST /colibri/drain/disable': drain(false),
  };
  if (!settings.flag('videobridge.apis.rest.enabled', false)) return about;
  const colibri: Routes = {
    'GET /colibri/stats': () => ({ status: 200, body: stats() }),
    'POST /colibri/v2/conferences': async ({ json }) => {
      const request = ConferenceModify.safeParse(await json());
      if (!request.success) return { status: 400 };
      const answer = load.modify(elementOf(request.data), 'REST');
      return answer.is('error') ? { status: 400 } : { status: 200, body: {} };
    },
    'GET /colibri/muc-client/list': () => ({ status: 200, body: breweries.ids() }),
    'POST /colibri/muc-client/add': async ({ json }) => {
      const fields = AddMucClient.safeParse(await json());
      const shard = fields.success ? shardFrom(fields.data.id, fields.data) : undefined;
      if (!shard) return { status: 400 };
      if (shard.trustsAnyCertificate) trustAnyCertificate();
      breweries.add(shard);
      return { status: 200 };
    },
    'POST /colibri/muc-client/remove': async ({ json }) => {
      const fields = AddMucClient.safeParse(await json());
      return { status: fields.success && breweries.remove(fields.data.id) ? 200 : 400 };
    },
  };
  if (!settings.flag('videobridge.rest.shutdown.enabled', false)) return { ...about, ...colibri };
  return {
    ...about,
    ...colibri,
    'POST /colibri/shutdown': async ({ json }) => {
      const wish = Shutdown.safeParse(await json());
      if (!wish.success) return { status: 400 };
      load.shutdown = wish.data['graceful-shutdown'] ? 'graceful' : 'shutting-down';
      return { status: 200 };
    },
  };
}

function metrics(load: BridgeLoad): string {
  const stats = load.stats(
    { muc_clients_configured: 0, muc_clients_connected: 0, mucs_configured: 0, mucs_joined: 0 },
    new Date(),
  );
  return prometheus('jitsi_jvb', {
    stress: Number(stats.stress_level),
    conferences: Number(stats.conferences),
    local_endpoints: Number(stats.local_endpoints),
    current_endpoints: Number(stats.endpoints),
    largest_conference: Number(stats.largest_conference),
    drain_mode: Number(load.draining),
    graceful_shutdown: Number(load.shutdown === 'graceful'),
    healthy: Number(load.healthy),
    fake: 1,
  });
}

tolerateSlowLogins();
Promise.resolve()
  .then(() => main(configuredSettings(process.env)))
  .catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    // Videobridge exits with this status on an invalid configuration; its unit then does not restart it.
    process.exit(78);
  });
