import { poll } from '../cloud/poll.js';
import { ConvokeError } from '../contract/errors.js';
import { bridgesGroupName, shardGroupName, shardNames } from '../contract/names.js';
import { joinWithBrowsers, verifyJoin } from './join-meeting.js';
import type { Operation } from './operation.js';
import type { BrowsersResult } from './probe/browsers.js';
import type { ProbeResult } from './probe/meeting.js';
import { roomOn } from './probe/room-name.js';
import { step } from './progress.js';
import { waitForBridges } from './wait-until-serving.js';

/** A machine may serve its page shortly before Prosody and Jicofo are ready, and DNS changes take time to spread. */
const JOIN_PATIENCE_MS = 5 * 60_000;

/** While machines are replaced, DNS does not change, and the machines serve. */
const JOIN_DURING_ROLL_MS = 90_000;

/** Tests a group whose machines were just replaced, before the next group is begun. Throws `CannotJoin` or `BridgesMissing`. */
export async function verifyGroup(options: Operation, group: string): Promise<void> {
  const { account, deployment, onProgress } = options;
  if (group === bridgesGroupName(deployment.name)) {
    await step(onProgress, account.clock, 'bridges', 'Wait until every shard can use the bridges', () =>
      waitForBridges(options),
    );
    return;
  }
  const shard = shardNames(deployment.shards).find((name) => shardGroupName(deployment.name, name) === group);
  if (!shard) return;
  await step(onProgress, account.clock, `probe ${shard}`, `Join a meeting on shard ${shard}`, () =>
    joinMeeting(options, shard, JOIN_DURING_ROLL_MS),
  );
}

/** Joins one meeting on each shard. Throws `CannotJoin`. */
export async function joinMeetings(options: Operation): Promise<ProbeResult[]> {
  const probes: ProbeResult[] = [];
  for (const shard of shardNames(options.deployment.shards))
    probes.push(await joinMeeting(options, shard, JOIN_PATIENCE_MS));
  return probes;
}

async function joinMeeting(
  { account, deployment, signal }: Operation,
  shard: string,
  timeout: number,
): Promise<ProbeResult> {
  const {
    last: { result },
    inTime,
  } = await poll(
    account,
    { every: 5_000, timeout, signal },
    async () => {
      const room = await roomOn(shard, deployment.domain, account.endpointOverride);
      return {
        room,
        result: await verifyJoin(account, deployment, { ...(room && { room }), ...(signal && { signal }) }),
      };
    },
    ({ room, result }) => result.ok && room !== undefined,
  );
  if (inTime) return result;
  const failed = result.steps.find(({ ok }) => !ok);
  throw new ConvokeError('CannotJoin', {
    what: `A participant could not join a meeting on shard ${shard} at https://${deployment.domain}/${failed ? `: ${failed.name} failed` : ''}.`,
    why: failed?.detail ?? `No room is routed to shard ${shard}, because the edges consider it unhealthy.`,
    now: 'Run "convoke status" to see the machines. If they are healthy, check that the domain resolves to the load balancer.',
  });
}

/** Lets three browsers meet. Throws `NoMedia` if they do not see and hear each other in two attempts. */
export async function verifyMedia(
  { account, deployment, signal }: Operation,
  chromium: string,
): Promise<BrowsersResult> {
  const meet = () => joinWithBrowsers(account, deployment, chromium, { ...(signal && { signal }) });
  const first = await meet();
  // Machines are slow right after their start, so a single failure is not conclusive.
  const result = first.ok ? first : await meet();
  if (result.ok) return result;
  throw new ConvokeError('NoMedia', {
    what: `Signalling works at https://${deployment.domain}/, but a meeting of three browsers failed twice.`,
    why: result.detail,
    now: 'Check that UDP port 10000 of the machine is reachable from here, then run the same command again.',
  });
}
