import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import { Participant } from '../../../src/operations/probe/xmpp-participant.js';
import { DOMAIN, type Shard } from './shard.js';

/**
 * Two participants of one room, each with the session that the focus offered. They are added to `participants` before
 * they connect, so that the cleanup finds them even if one fails. `patience`: milliseconds for each answer.
 */
export async function meeting(
  shard: Shard,
  participants: Participant[],
  patience: number,
): Promise<Participant[]> {
  const room = `room-${randomBytes(4).toString('hex')}`;
  const opened = await fetch(`${shard.focus}/conference-request/v1`, {
    method: 'POST',
    body: JSON.stringify({ room: `${room}@conference.${DOMAIN}` }),
  });
  expect(await opened.json()).toMatchObject({ ready: true, focusJid: `focus@auth.${DOMAIN}` });
  const two = [0, 1].map(
    () =>
      new Participant({
        domain: DOMAIN,
        room,
        websocket: `wss://${DOMAIN}/xmpp-websocket`,
        muc: `conference.${DOMAIN}`,
        endpointOverride: shard.endpointOverride,
      }),
  );
  participants.push(...two);
  for (const participant of two) {
    await participant.connect(patience);
    await participant.join(patience);
  }
  await Promise.all(two.map((participant) => participant.invitation(patience)));
  return two;
}
