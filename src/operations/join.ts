import type { Account } from '../cloud/account.js';
import type { Deployment } from '../config/deployment.js';
import { probeToken } from './invite.js';
import { type ProbeResult, probeMeeting } from './probe/meeting.js';
import { probeRoom } from './probe/room-name.js';

/** Tries once to join a meeting of a deployment as a participant, with an invitation where one is needed. */
export async function tryToJoin(
  account: Account,
  deployment: Pick<Deployment, 'name' | 'domain' | 'access'>,
  { room = probeRoom(), signal }: { room?: string; signal?: AbortSignal } = {},
): Promise<ProbeResult> {
  return probeMeeting(deployment.domain, {
    clock: account.clock,
    room,
    token: await probeToken(account, deployment, room),
    ...(account.reach && { reach: account.reach }),
    ...(signal && { signal }),
  });
}
