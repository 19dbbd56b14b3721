import type { EndpointOverride } from '../../cloud/account.js';
import { PageRequests } from './page-requests.js';
import { Participant } from './xmpp-participant.js';

export interface MeetingOptions {
  readonly domain: string;
  readonly room: string;
  readonly endpointOverride?: EndpointOverride | undefined;
  /** Milliseconds for each answer. */
  readonly timeout: number;
}

/** Opens a meeting that needs no invitation, and enters it. The first one in becomes its moderator. */
export async function enterMeeting(options: MeetingOptions): Promise<Participant> {
  const { domain, room, endpointOverride, timeout } = options;
  const page = new PageRequests(domain, endpointOverride, { room, token: undefined });
  try {
    const { config } = await page.config(AbortSignal.timeout(timeout));
    await page.conference(config, AbortSignal.timeout(timeout));
    const participant = new Participant({
      domain: config.hosts.domain,
      room,
      websocket: config.websocket,
      muc: config.hosts.muc,
      ...(endpointOverride && { endpointOverride }),
    });
    await participant.connect(timeout);
    await participant.join(timeout);
    return participant;
  } finally {
    await page.close();
  }
}
