import { z } from 'zod';
import { type Answer, prometheus, type Request, type Routes } from '../rest.js';
import type { Settings } from '../settings.js';
import type { Focus } from './focus.js';

const ConferenceRequest = z.looseObject({ room: z.string().regex(/^[^@/\s"&'<>]+@[^@/\s]+$/) });
const Pin = z.object({ conferenceId: z.string(), jvbVersion: z.string(), durationMinutes: z.number() });

/** Jicofo's REST API, with the parts that its configuration enables. */
export function focusRoutes(focus: Focus, focusJid: string, version: string, settings: Settings): Routes {
  const always: Routes = {
    'GET /about/version': () => ({ status: 200, body: { name: 'JiCoFo', version, os: 'Linux' } }),
    'GET /stats': () => ({ status: 200, body: stats(focus, version) }),
  };
  const optional: [string, boolean, Routes][] = [
    ['jicofo.health.enabled', false, { 'GET /about/health': () => health(focus) }],
    [
      'jicofo.rest.prometheus.enabled',
      true,
      { 'GET /metrics': () => ({ status: 200, body: metrics(focus) }) },
    ],
    [
      'jicofo.rest.conference-request.enabled',
      true,
      {
        'OPTIONS /conference-request/v1': () => ({ status: 200 }),
        'POST /conference-request/v1': (request) => openConference(focus, focusJid, request),
      },
    ],
    ['jicofo.rest.move-endpoints.enabled', true, moveRoutes(focus)],
    ['jicofo.rest.pin.enabled', true, pinRoutes()],
    ['jicofo.rest.debug.enabled', true, { 'GET /debug': () => ({ status: 200, body: debug(focus) }) }],
  ];
  const switchedOn = optional.filter(([path, otherwise]) => settings.flag(path, otherwise));
  return Object.assign({}, always, ...switchedOn.map(([, , routes]) => routes));
}

async function openConference(focus: Focus, focusJid: string, request: Request): Promise<Answer> {
  const parsed = ConferenceRequest.safeParse(await request.json());
  if (!parsed.success) return { status: 400, body: 'Bad request: no room, or not a room address' };
  const room = parsed.data.room.toLowerCase();
  // Like Jicofo, which opens the room once it has logged in; here the next request does.
  if (!focus.isLoggedIn) return { status: 200, body: { room, ready: false, focusJid, properties: {} } };
  try {
    await focus.open(room);
  } catch (error) {
    return { status: 400, body: `Bad request: ${error instanceof Error ? error.message : String(error)}` };
  }
  const properties = { authentication: 'false', 'visitors-supported': 'false' };
  return { status: 200, body: { room, ready: true, focusJid, properties } };
}

function health(focus: Focus): Answer {
  return focus.bridges.operationalCount(Date.now()) > 0
    ? { status: 200, body: 'OK' }
    : { status: 500, body: 'No operational bridges available' };
}

function moveRoutes(focus: Focus): Routes {
  const from = (request: Request, count: (endpoints: number) => number): Answer => {
    const name = request.query.get('bridge');
    if (!name) return { status: 400, body: 'Missing parameter: bridge' };
    const bridge = focus.bridges.get(name, focus.rules.brewery);
    if (!bridge) return { status: 404, body: 'Bridge not found' };
    const room = request.query.get('conference');
    const only = room ? focus.conferences.get(room) : undefined;
    if (room && !only) return { status: 404, body: 'Conference not found' };
    return { status: 200, body: focus.moveFrom(bridge, count(bridge.endpoints), only) };
  };
  return {
    'GET /move-endpoints/move-endpoint': (request) => {
      const missing = ['conference', 'endpoint'].find((name) => !request.query.get(name));
      return missing ? { status: 400, body: `Missing parameter: ${missing}` } : from(request, () => 1);
    },
    'GET /move-endpoints/move-endpoints': (request) =>
      from(request, () => Number(request.query.get('numEndpoints') ?? 1)),
    'GET /move-endpoints/move-fraction': (request) =>
      from(request, (endpoints) => Math.round(Number(request.query.get('fraction') ?? 0.1) * endpoints)),
  };
}

/** The release of bridges for a conference. It is stored and shown, and has no effect here. */
function pinRoutes(): Routes {
  const pinned = new Map<string, unknown>();
  return {
    'GET /pin': () => ({ status: 200, body: Object.fromEntries(pinned) }),
    'POST /pin': async (request) => {
      const pin = Pin.safeParse(await request.json());
      if (!pin.success) return { status: 400, body: 'Bad request' };
      pinned.set(pin.data.conferenceId, pin.data);
      return { status: 200 };
    },
  };
}

function debug(focus: Focus): unknown {
  const now = Date.now();
  const bridges = focus.bridges.all().map((bridge) => [
    bridge.jid,
    {
      drain: bridge.draining,
      endpoints: bridge.endpoints,
      'graceful-shutdown': bridge.gracefulShutdown,
      healthy: bridge.healthy,
      operational: focus.bridges.operational(bridge, now),
      'shutting-down': bridge.shuttingDown,
      stress: bridge.stress,
      version: bridge.version,
    },
  ]);
  return {
    fake: true,
    bridge_selector: { strategy: 'SingleBridgeSelectionStrategy', bridge: Object.fromEntries(bridges) },
  };
}

function measurements(focus: Focus) {
  const sizes = [...focus.conferences.values()].map(({ participants }) => participants.size);
  const now = Date.now();
  return {
    conferences: sizes.length,
    participants: sizes.reduce((sum, size) => sum + size, 0),
    largest: Math.max(0, ...sizes),
    bridges: focus.bridges.all().length,
    operational: focus.bridges.all().filter((bridge) => focus.bridges.operational(bridge, now)).length,
    closing: focus.bridges.all().filter(({ gracefulShutdown }) => gracefulShutdown).length,
    versions: new Set(focus.bridges.all().map(({ version }) => version)).size,
  };
}

function stats(focus: Focus, version: string): unknown {
  const now = measurements(focus);
  const recorders = focus.recorders.counts();
  return {
    fake: true,
    conferences: now.conferences,
    participants: now.participants,
    largest_conference: now.largest,
    total_conferences_created: focus.created,
    jibri: { recording_active: recorders.recording, live_streaming_active: recorders.streaming },
    jibri_detector: { count: recorders.count, available: recorders.available },
    bridge_failures: { participants_moved: focus.moved, bridges_removed: focus.bridges.lost },
    bridge_selector: {
      bridge_count: now.bridges,
      operational_bridge_count: now.operational,
      in_shutdown_bridge_count: now.closing,
      lost_bridges: focus.bridges.lost,
      bridge_version_count: now.versions,
      strategy: 'SingleBridgeSelectionStrategy',
    },
    version,
  };
}

function metrics(focus: Focus): string {
  const now = measurements(focus);
  return prometheus('jitsi_jicofo', {
    conferences: now.conferences,
    participants_current: now.participants,
    largest_conference: now.largest,
    conference_requests_total: focus.requests,
    conferences_created_total: focus.created,
    participants_moved_total: focus.moved,
    bridge_selector_bridge_count: now.bridges,
    bridge_selector_bridge_count_operational: now.operational,
    bridge_selector_bridge_count_in_shutdown: now.closing,
    fake: 1,
  });
}
