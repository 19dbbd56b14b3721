import type { Account } from '../cloud/account.js';
import type { Deployment } from '../config/deployment.js';
import { probeToken } from './invite.js';
import { type ProbeResult, probeMeeting, probeRoom } from './probe/meeting.js';

/** Tries once to join a meeting of a deployment as a participant, with an invitation where one is needed. */
export async function tryToJoin(
  account: Account,
  deployment: Pick<Deployment, 'name' | 'domain' | 'access'>,
  signal?: AbortSignal,
): Promise<ProbeResult> {
  const room = probeRoom();
  return probeMeeting(deployment.domain, {
    clock: account.clock,
    room,
    token: await probeToken(account, deployment, room),
    ...(account.reach && { reach: account.reach }),
    ...(signal && { signal }),
  });
}
