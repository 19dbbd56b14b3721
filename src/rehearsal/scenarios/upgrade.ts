import { type DrillResult, watched } from '../../operations/drill/drill.js';
import type { DrillRun } from '../../operations/drill/drill-run.js';
import { measurement } from '../../operations/drill/measurements.js';
import {
  commonMeasurements,
  dropped,
  videoMeasurements,
  withoutPlace,
} from '../../operations/drill/outcome.js';
import { isUsable, type WatchedRoom } from '../../operations/drill/room-states.js';
import { working } from '../../operations/drill/selection.js';
import { probeRoom } from '../../operations/probe/room-name.js';
import type { OnProgress } from '../../operations/progress.js';
import { availableReleases, deployedReleases, isNewer } from '../../operations/release/releases.js';
import { upgrade } from '../../operations/upgrade.js';
import type { ScenarioContext } from './context.js';

/** Limit in seconds that a browser may see nothing when a bridge is replaced. */
const PICTURES_LIMIT = 3;

/** Limit in seconds until two people who open a new meeting see each other and have a bridge. */
const NEW_MEETING_LIMIT = 10;

/** Milliseconds between the end of a new meeting and the start of the next one. */
const BETWEEN_MEETINGS_MS = 5_000;

/** Longer than the limit, so that a slow meeting is still measured. */
const NEW_MEETING_PATIENCE_MS = 60_000;

/**
 * All machines get another release of Jitsi while a meeting is under way on each shard, and new meetings are opened all
 * the time: an older release if the newest is deployed, else the newest. When the new machines serve, the meetings end.
 */
export const upgradeUnderWay = (context: ScenarioContext): Promise<DrillResult> =>
  watched(context, async (run) => {
    const { from, to } = await releases(context);
    const { shards, bridges } = working(run.machines.now);
    const rooms = await run.openRooms(
      await run.roomsOn(
        shards.map(({ shard }) => shard),
        1,
      ),
    );
    const [first] = rooms;
    if (first) await run.browsersIn(first.name);
    const broke = `upgrade from release ${from} to ${to}`;
    const replacing = new Replacing(run.options.onProgress);
    let upgrading: Promise<unknown> = Promise.resolve();
    await run.breakIt(broke, async () => {
      upgrading = upgrade({
        ...context,
        to,
        check: false,
        announce: ({ groups }) => replacing.expect(groups),
        onProgress: replacing.onProgress,
      }).finally(() => replacing.end());
      // Its failure is thrown when it is awaited below.
      upgrading.catch(() => {});
    });
    const opened: (number | undefined)[] = [];
    await run.stage('replace', 'Open new meetings until the new machines serve', async () => {
      while (!replacing.done) opened.push(await newMeeting(run));
    });
    for (const { name } of rooms) run.newcomer(name);
    await run.newcomersIn(NEW_MEETING_PATIENCE_MS);
    const usable = (room: WatchedRoom) => isUsable(room, run.pool.participants, new Set());
    // A newcomer sees the others before everybody has a session with a bridge again.
    await run.until(NEW_MEETING_PATIENCE_MS, () => rooms.every(usable));
    const names = new Set(rooms.map(({ name }) => name));
    const pictures = videoMeasurements(run, { longest: PICTURES_LIMIT, reloads: 0 });
    const measured = run.measured([]);
    const incomplete = rooms.filter((room) => !usable(room)).length;
    await run.stage('leave', 'Let the meetings end', async () => {
      await run.browsersLeave();
      await run.pool.dismiss(names);
    });
    await run.stage('upgraded', 'Wait until the upgrade ends', () => upgrading);
    const asBefore = await run.asBefore([...shards, ...bridges]);

    return {
      broke,
      victims: [],
      elsewhere: [],
      measurements: [
        dropped(measured, rooms),
        measurement('incomplete', 'meetings that were not complete at the end', incomplete, '', 0),
        withoutPlace(measured, rooms),
        measurement('new-meetings', 'new meetings that were opened meanwhile', opened.length, ''),
        measurement(
          'new-meeting',
          'the slowest of them was complete after',
          opened.includes(undefined) ? undefined : Math.max(0, ...opened.map(Number)),
          's',
          NEW_MEETING_LIMIT,
        ),
        ...pictures,
        ...commonMeasurements(run, run.measured([]), asBefore),
      ],
    };
  });

/** The deployed release, and the one to upgrade to. */
async function releases({ account, deployment }: ScenarioContext): Promise<{ from: string; to: string }> {
  const [deployed, available] = await Promise.all([
    deployedReleases(account, deployment),
    availableReleases(deployment),
  ]);
  const others = available.filter(({ name }) => name !== deployed?.release.name);
  const [other] = others;
  if (!deployed || !other)
    throw new Error(`the package source has no release besides ${deployed?.release.name ?? 'none'}`);
  const newer = others.find((each) => isNewer(each, deployed.release));
  return { from: deployed.release.name, to: (newer ?? other).name };
}

/** Follows an upgrade until all groups have their new machines. */
class Replacing {
  done = false;
  private groups: readonly string[] = [];
  private readonly replaced = new Set<string>();

  constructor(private readonly report: OnProgress) {}

  expect(groups: readonly string[]): void {
    this.groups = groups;
  }

  readonly onProgress: OnProgress = (event) => {
    this.report(event);
    if (event.kind !== 'step' || event.state !== 'done') return;
    this.replaced.add(event.id);
    this.done ||=
      this.groups.length > 0 && this.groups.every((group) => this.replaced.has(`replace ${group}`));
  };

  end(): void {
    this.done = true;
  }
}

/** Two people open a new meeting, and leave. Returns the seconds until it was complete; undefined if it never was. */
async function newMeeting(run: DrillRun): Promise<number | undefined> {
  const { clock } = run.options.account;
  const name = probeRoom();
  const from = clock.now().getTime();
  const room = { name, members: [run.pool.send(name), run.pool.send(name)] };
  const complete = await run.until(NEW_MEETING_PATIENCE_MS, () =>
    isUsable(room, run.pool.participants, new Set()),
  );
  const seconds = (clock.now().getTime() - from) / 1_000;
  await run.pool.dismiss(new Set([name]));
  await clock.wait(BETWEEN_MEETINGS_MS, run.options.signal);
  return complete ? seconds : undefined;
}
