import { probeRoom } from '../probe/room-name.js';
import { type DrillRun, REPLACED_WITHIN_MS } from './drill-run.js';
import { HttpClients, misrouted } from './http-clients.js';
import {
  failedRequests,
  lostConnections,
  machinesWere,
  measurement,
  movedAfter,
  replacedAt,
  usableAgain,
} from './measurements.js';
import {
  commonMeasurements,
  type Fault,
  named,
  type Outcome,
  PICTURES_PATIENCE_MS,
  videoMeasurements,
} from './outcome.js';
import { isUsable, type WatchedRoom } from './room-states.js';
import { working } from './selection.js';

/** Number of rooms on the broken shard, and on the others. */
const ROOMS = 2;

/**
 * Limit in seconds until rooms are usable again. A client takes up to 25 s to detect a dead connection, and up to 9 s to
 * reconnect if its first attempt fails.
 */
const AGAIN_LIMIT = 60;

/** Limit in seconds until browsers see each other again, and for the longest gap of one. */
const PICTURES = { again: 20, longest: 20 };

/** Seconds in which requests for other rooms may fail, because the load balancer uses a failed edge until two checks have failed. */
const FAILING_LIMIT = 20;

/** Milliseconds in which no participant may move after the shard has recovered. */
const SETTLED_MS = 5_000;

/** Breaks a shard: its rooms move to another shard and stay there, and rooms on other shards do not move. */
export async function drillShard(run: DrillRun, fault: Fault): Promise<Outcome> {
  const { shards } = working(run.machines.now);
  const [victim, ...others] = shards;
  if (!victim) throw new Error('no shard is healthy');
  const lost = await run.openRooms(await run.roomsOn([victim.shard], ROOMS));
  const [first] = lost;
  if (first) await run.browsersIn(first.name);
  const crowd = await gather(run);
  const elsewhere = await run.openRooms(
    await run.roomsOn(
      others.slice(0, ROOMS).map(({ shard }) => shard),
      Math.ceil(ROOMS / others.length),
    ),
  );
  for (const { name } of elsewhere) run.pool.ask(name);

  const broke = `${fault.verb} ${named(victim)}`;
  await run.breakIt(broke, () => fault.bring([victim]));
  const all = [...lost, ...elsewhere];
  const usable = () => all.every((room) => isUsable(room, run.pool.participants, new Set()));
  await run.stage('again', 'Wait until every room can be used again', async () => {
    // Before that, a room may be unusable for a moment for another reason, while requests still reach the dead edge.
    const noticed = () => lost.every((room) => lostConnections(run.measured([victim]), [room]) > 0);
    await run.until(AGAIN_LIMIT * 1_000, noticed);
    await run.until(REPLACED_WITHIN_MS, usable);
  });
  await run.picturesBack(PICTURES_PATIENCE_MS);
  const more = others.length > 0 ? [...all, ...crowd.joined] : [];
  for (const { name } of more) run.newcomer(name);
  await crowd.asked?.come();
  await run.newcomersIn(AGAIN_LIMIT * 1_000);
  const asBefore = await run.asBefore(fault.replaced ? [victim] : []);
  for (const { name } of [...all, ...crowd.joined]) run.newcomer(name);
  await crowd.asked?.come();
  await run.newcomersIn(AGAIN_LIMIT * 1_000);
  await run.options.account.clock.wait(SETTLED_MS, run.options.signal);

  const measured = run.measured([victim]);
  const failed = failedRequests(measured);
  const returned = replacedAt(measured, `shard ${victim.shard}`);
  const limit = others.length > 0 ? AGAIN_LIMIT : REPLACED_WITHIN_MS / 1_000;
  return {
    broke,
    victims: [victim],
    elsewhere,
    measurements: [
      measurement(
        'rooms-again',
        'rooms of the lost shard were usable again after',
        usableAgain(measured, lost),
        's',
        limit,
      ),
      ...(elsewhere.length > 0
        ? [
            measurement(
              'other-rooms-again',
              'rooms of other shards whose edge was lost were usable again after',
              usableAgain(measured, elsewhere),
              's',
              limit,
            ),
            measurement(
              'other-rooms-moved',
              'rooms of other shards that changed shard',
              movedAfter(measured, elsewhere, measured.seen.broken),
              '',
              0,
            ),
            measurement('failed-requests', 'failed requests for rooms of other shards', failed.count, ''),
            ...(failed.count > 0
              ? [
                  measurement(
                    'requests-failed-until',
                    'the last of them after',
                    failed.until,
                    's',
                    FAILING_LIMIT,
                  ),
                ]
              : []),
          ]
        : []),
      ...(returned === undefined
        ? []
        : [
            measurement(
              'moved-on-return',
              'rooms that moved when the shard returned',
              movedAfter(measured, all, returned, victim.shard),
              '',
              0,
            ),
          ]),
      ...(crowd.asked
        ? [
            measurement(
              'misrouted',
              `of ${crowd.asked.rooms.length} rooms that were asked for, those sent to two shards`,
              misrouted(crowd.asked.events, victim.shard, measured.seen.broken).length,
              '',
              0,
            ),
          ]
        : []),
      measurement(
        'noticed',
        'the load balancer or the group detected it after',
        noticed(measured, victim.id),
        's',
      ),
      ...videoMeasurements(run, PICTURES),
      ...commonMeasurements(run, measured, asBefore),
    ],
  };
}

/** Additional rooms, if requested: some that are only requested over HTTP, and some with participants. */
async function gather(run: DrillRun): Promise<{ asked?: HttpClients; joined: readonly WatchedRoom[] }> {
  const { account, deployment, crowd } = run.options;
  if (!crowd) return { joined: [] };
  const asked = new HttpClients(deployment.domain, account.endpointOverride, account.clock, crowd.asked);
  await asked.come();
  const joined = await run.fill(Array.from({ length: crowd.joined }, probeRoom));
  return { asked, joined };
}

function noticed(measured: Parameters<typeof machinesWere>[0], id: string): number | undefined {
  const times = [machinesWere(measured, [id], 'failing'), machinesWere(measured, [id], 'gone')];
  const known = times.filter((time) => time !== undefined);
  return known.length > 0 ? Math.min(...known) : undefined;
}
