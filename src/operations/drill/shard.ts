import { probeRoom } from '../probe/room-name.js';
import { Crowd, misrouted } from './crowd.js';
import { failedRequests, figure, machinesWere, movedAfter, replacedAt, usableAgain } from './figures.js';
import {
  commonFigures,
  type Fault,
  named,
  type Outcome,
  PICTURES_PATIENCE_MS,
  pictureFigures,
} from './outcome.js';
import { isUsable, type WatchedRoom } from './room-states.js';
import { REPLACED_WITHIN_MS, type Scene } from './scene.js';
import { working } from './victim.js';

/** Rooms on the shard that is broken, and as many elsewhere. */
const ROOMS = 2;

/**
 * Seconds in which rooms must be usable again. A client takes up to 25 s to call a silent connection dead, and up to 9 s
 * to be back where its first try fails.
 */
const AGAIN_LIMIT = 60;

/** Seconds in which browsers must see each other again, and that one may miss somebody. */
const PICTURES = { again: 20, longest: 20 };

/** Seconds in which requests for other rooms may fail: the load balancer goes on sending to a dead edge until two checks failed. */
const FAILING_LIMIT = 20;

/** Milliseconds in which nobody must be moved after the shard has returned. */
const SETTLED_MS = 5_000;

/** Breaks a cell, and with it a shard: its rooms go to another one and stay there, and those on others stay where they are. */
export async function drillShard(scene: Scene, fault: Fault): Promise<Outcome> {
  const { cells } = working(scene.machines.now);
  const [victim, ...others] = cells;
  if (!victim) throw new Error('no cell serves');
  const lost = await scene.openRooms(await scene.roomsOn([victim.cell], ROOMS));
  const [first] = lost;
  if (first) await scene.browsersIn(first.name);
  const crowd = await gather(scene);
  const elsewhere = await scene.openRooms(
    await scene.roomsOn(
      others.slice(0, ROOMS).map(({ cell }) => cell),
      Math.ceil(ROOMS / others.length),
    ),
  );
  for (const { name } of elsewhere) scene.audience.ask(name);

  const broke = `${fault.verb} ${named(victim)}`;
  await scene.breakIt(broke, () => fault.bring([victim]));
  const all = [...lost, ...elsewhere];
  const usable = () => all.every((room) => isUsable(room, scene.audience.participants, new Set()));
  await scene.stage('again', 'Wait until every room can be used again', async () => {
    const noticed = () => lost.some((room) => !isUsable(room, scene.audience.participants, new Set()));
    await scene.until(AGAIN_LIMIT * 1_000, noticed);
    await scene.until(REPLACED_WITHIN_MS, usable);
  });
  await scene.picturesBack(PICTURES_PATIENCE_MS);
  const more = others.length > 0 ? [...all, ...crowd.joined] : [];
  for (const { name } of more) scene.newcomer(name);
  await crowd.asked?.come();
  await scene.newcomersIn(AGAIN_LIMIT * 1_000);
  const asBefore = await scene.asBefore(fault.replaced ? [victim] : []);
  for (const { name } of [...all, ...crowd.joined]) scene.newcomer(name);
  await crowd.asked?.come();
  await scene.newcomersIn(AGAIN_LIMIT * 1_000);
  await scene.options.account.clock.wait(SETTLED_MS, scene.options.signal);

  const measured = scene.measured([victim]);
  const failed = failedRequests(measured);
  const returned = replacedAt(measured, `cell ${victim.cell}`);
  const limit = others.length > 0 ? AGAIN_LIMIT : REPLACED_WITHIN_MS / 1_000;
  return {
    broke,
    victims: [victim],
    elsewhere,
    figures: [
      figure(
        'rooms-again',
        'rooms of the lost shard could be used again after',
        usableAgain(measured, lost),
        's',
        limit,
      ),
      ...(elsewhere.length > 0
        ? [
            figure(
              'other-rooms-again',
              'rooms of other shards, where their edge was lost, after',
              usableAgain(measured, elsewhere),
              's',
              limit,
            ),
            figure(
              'other-rooms-moved',
              'rooms of other shards that changed shard',
              movedAfter(measured, elsewhere, measured.seen.broken),
              '',
              0,
            ),
            figure('failed-requests', 'failed requests for rooms of other shards', failed.count, ''),
            ...(failed.count > 0
              ? [figure('requests-failed-until', 'the last of them after', failed.until, 's', FAILING_LIMIT)]
              : []),
          ]
        : []),
      ...(returned === undefined
        ? []
        : [
            figure(
              'moved-on-return',
              'rooms that moved when the shard returned',
              movedAfter(measured, all, returned, victim.cell),
              '',
              0,
            ),
          ]),
      ...(crowd.asked
        ? [
            figure(
              'misrouted',
              `of ${crowd.asked.rooms.length} rooms that were asked for, those sent to two shards`,
              misrouted(crowd.asked.events, victim.cell, measured.seen.broken).length,
              '',
              0,
            ),
          ]
        : []),
      figure('noticed', 'the load balancer or the group noticed after', noticed(measured, victim.id), 's'),
      ...pictureFigures(scene, PICTURES),
      ...commonFigures(scene, measured, asBefore),
    ],
  };
}

/** Many rooms, where they are wanted: those that are only asked for, and those with people in them. */
async function gather(scene: Scene): Promise<{ asked?: Crowd; joined: readonly WatchedRoom[] }> {
  const { account, deployment, crowd } = scene.options;
  if (!crowd) return { joined: [] };
  const asked = new Crowd(deployment.domain, account.reach, account.clock, crowd.asked);
  await asked.come();
  const joined = await scene.fill(Array.from({ length: crowd.joined }, probeRoom));
  return { asked, joined };
}

function noticed(measured: Parameters<typeof machinesWere>[0], id: string): number | undefined {
  const times = [machinesWere(measured, [id], 'failing'), machinesWere(measured, [id], 'gone')];
  const known = times.filter((time) => time !== undefined);
  return known.length > 0 ? Math.min(...known) : undefined;
}
