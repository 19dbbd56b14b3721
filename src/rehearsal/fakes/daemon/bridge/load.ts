import { randomBytes } from 'node:crypto';
import xml, { type Element } from '@xmpp/xml';
import { COLIBRI2, stanzaError } from '../xmpp-session.js';

const ICE_UDP = 'urn:xmpp:jingle:transports:ice-udp:1';

export interface BridgeAddress {
  readonly ip: string;
  readonly port: number;
}

export interface BridgeSettings {
  /** Stress of an endpoint, because there is no media to measure. */
  readonly stressPerEndpoint: number;
  readonly addresses: readonly BridgeAddress[];
  readonly region?: string;
  readonly relayId?: string;
  readonly version: string;
}

interface Conference {
  readonly endpoints: Set<string>;
  /** The connection over which its focus sends requests. */
  readonly shard: string;
  /** Time at which that connection was closed, in milliseconds since the epoch. */
  abandoned?: number;
}

export type ShutdownState = 'running' | 'graceful' | 'shutting-down';

/** Allocations and statistics of the bridge, without sockets and clock. */
export class BridgeLoad {
  draining = false;
  shutdown: ShutdownState = 'running';
  healthy = true;
  private readonly conferences = new Map<string, Conference>();
  private conferencesCreated = 0;
  private conferencesCompleted = 0;
  private endpointsSeen = 0;

  constructor(private readonly settings: BridgeSettings) {}

  get endpoints(): number {
    return [...this.conferences.values()].reduce((sum, { endpoints }) => sum + endpoints.size, 0);
  }

  /** The connection to a shard was closed, and its focus drops its conferences here. */
  abandon(shard: string, now: number): void {
    for (const conference of this.conferences.values())
      if (conference.shard === shard) conference.abandoned ??= now;
  }

  /** Conferences that a focus has dropped no longer have media. Videobridge expires them after a while. */
  expire(now: number, after: number): void {
    for (const [id, { abandoned }] of this.conferences) {
      if (abandoned === undefined || now - abandoned < after) continue;
      this.conferences.delete(id);
      this.conferencesCompleted++;
    }
  }

  /** Answers a colibri2 `<conference-modify>` of a shard's focus: the child of the result, or an `<error>`. */
  modify(request: Element, shard: string): Element {
    const id = request.attrs['meeting-id'] ?? '';
    let conference = this.conferences.get(id);
    if (!conference) {
      if (request.attrs.expire === 'true') return xml('conference-modified', { xmlns: COLIBRI2 });
      if (request.attrs.create !== 'true') {
        return refuse('item-not-found', 'CONFERENCE_NOT_FOUND', 'Conference not found');
      }
      if (this.shutdown !== 'running') {
        return refuse('service-unavailable', 'GRACEFUL_SHUTDOWN', 'In graceful shutdown');
      }
      conference = { endpoints: new Set(), shard };
      this.conferences.set(id, conference);
      this.conferencesCreated++;
    }
    const answers: Element[] = [];
    for (const endpoint of request.getChildren('endpoint')) {
      const name = endpoint.attrs.id ?? '';
      if (endpoint.attrs.expire === 'true') {
        conference.endpoints.delete(name);
      } else if (endpoint.attrs.create === 'true') {
        conference.endpoints.add(name);
        this.endpointsSeen++;
        answers.push(xml('endpoint', { id: name }, xml('transport', {}, this.transport())));
      } else if (!conference.endpoints.has(name)) {
        return refuse('item-not-found', 'UNKNOWN_ENDPOINT', `Unknown endpoint ${name}`);
      }
    }
    // Real bridges expire an empty conference after a while; nothing here depends on the difference.
    if (request.attrs.expire === 'true' || conference.endpoints.size === 0) {
      this.conferences.delete(id);
      this.conferencesCompleted++;
    }
    return xml('conference-modified', { xmlns: COLIBRI2 }, ...answers);
  }

  /** The statistics of `/colibri/stats` and of the presence, with Videobridge's names. */
  stats(connections: ConnectionMetrics, now: Date): Readonly<Record<string, string | number | boolean>> {
    const sizes = [...this.conferences.values()].map(({ endpoints }) => endpoints.size);
    const endpoints = this.endpoints;
    const { settings } = this;
    return {
      fake: true,
      stress_level: Math.min(1, endpoints * settings.stressPerEndpoint),
      average_participant_stress: settings.stressPerEndpoint,
      conferences: this.conferences.size,
      largest_conference: Math.max(0, ...sizes),
      endpoints,
      participants: endpoints,
      local_endpoints: endpoints,
      local_active_endpoints: 0,
      total_conferences_created: this.conferencesCreated,
      total_conferences_completed: this.conferencesCompleted,
      total_participants: this.endpointsSeen,
      total_ice_failed: 0,
      bit_rate_download: 0,
      bit_rate_upload: 0,
      packet_rate_download: 0,
      packet_rate_upload: 0,
      rtt_aggregate: 0,
      incoming_loss: 0,
      outgoing_loss: 0,
      overall_loss: 0,
      endpoints_sending_audio: 0,
      endpoints_sending_video: 0,
      endpoints_ice_failed: 0,
      drain: this.draining,
      graceful_shutdown: this.shutdown === 'graceful',
      shutting_down: this.shutdown === 'shutting-down',
      healthy: this.healthy,
      colibri2: true,
      current_timestamp: now.toISOString().replace('T', ' ').replace('Z', ''),
      version: settings.version,
      ...connections,
      ...(settings.region && { region: settings.region }),
      ...(settings.relayId && { relay_id: settings.relayId }),
    };
  }

  /** Candidates with the bridge's addresses. There is no fingerprint, because there is no DTLS. */
  private transport(): Element {
    const random = () => randomBytes(9).toString('base64url');
    return xml(
      'transport',
      { xmlns: ICE_UDP, ufrag: random(), pwd: random() + random() },
      ...this.settings.addresses.map(({ ip, port }, index) =>
        xml('candidate', {
          component: '1',
          foundation: String(index + 1),
          generation: '0',
          id: random(),
          ip,
          network: '0',
          port: String(port),
          priority: String(2_130_706_431 - index),
          protocol: 'udp',
          type: 'host',
        }),
      ),
    );
  }
}

export interface ConnectionMetrics {
  readonly muc_clients_configured: number;
  readonly muc_clients_connected: number;
  readonly mucs_configured: number;
  readonly mucs_joined: number;
}

function refuse(condition: string, reason: string, words: string): Element {
  return stanzaError(
    'cancel',
    condition,
    xml('text', { xmlns: 'urn:ietf:params:xml:ns:xmpp-stanzas' }, words),
    xml('error', { xmlns: COLIBRI2, reason }),
  );
}
