import type { Account } from '../../cloud/account.js';
import type { Deployment } from '../../config/deployment.js';
import { ConvokeError } from '../../contract/errors.js';
import { roomOn } from '../probe/room-name.js';
import type { ParticipantEvent } from './events.js';
import type { WatchedRoom } from './room-states.js';

/**
 * Participants per room. With browsers only two, which also use a bridge, because all other participants take processor
 * time from browsers.
 */
export const PEOPLE = { alone: 3, besideBrowsers: 2 } as const;

/**
 * Timeout in milliseconds until the first participants are in their rooms, each with a bridge. Participants of a room on two
 * shards notice within 70 s.
 */
export const ENTER_PATIENCE_MS = 90_000;

/** Names of this number of rooms on each of these shards. Throws `RoomNotRouted` if a shard accepts none. */
export async function roomsOn(
  { account, deployment }: { readonly account: Account; readonly deployment: Deployment },
  shards: readonly string[],
  each: number,
): Promise<string[]> {
  const wanted = shards.flatMap((shard) => Array.from({ length: each }, () => shard));
  return Promise.all(
    wanted.map(async (shard) => {
      const name = await roomOn(shard, deployment.domain, account.endpointOverride);
      if (name !== undefined) return name;
      throw new ConvokeError('RoomNotRouted', {
        what: `No new room is routed to shard ${shard}, so the drill was not started.`,
        why: 'The shard is draining or has no bridge, or it did not answer.',
        now: 'Run "convoke status" to see the machines. Start the drill when all shards accept rooms.',
      });
    }),
  );
}

/** The error about a drill's participants that did not get into their rooms. */
export function notReady(
  rooms: readonly WatchedRoom[],
  participants: readonly ParticipantEvent[],
): ConvokeError {
  const names = rooms.map(({ name }) => name);
  const refused = participants.findLast(
    (event): event is ParticipantEvent & { kind: 'refused' } =>
      event.kind === 'refused' && names.includes(event.room),
  );
  return new ConvokeError('ParticipantsNotJoined', {
    what: `The drill’s own participants did not get into a meeting within ${ENTER_PATIENCE_MS / 1_000} seconds, so the drill was not started.`,
    why: refused?.why ?? 'Some participants were not assigned to a bridge.',
    now: 'Run "convoke status" to see the machines. Start the drill when meetings work.',
  });
}
