import type { Machine } from '../../cloud/machines.js';
import { type DrillResult, powerCut, watched } from '../../operations/drill/drill.js';
import { type DrillRun, REPLACED_WITHIN_MS } from '../../operations/drill/drill-run.js';
import type { MachineState } from '../../operations/drill/events.js';
import { type Measurement, measurement } from '../../operations/drill/measurements.js';
import { working } from '../../operations/drill/selection.js';
import { up } from '../../operations/up.js';
import type { ScenarioContext } from './context.js';

/** Limit in seconds from the launch of a machine to its serving, if it starts from an image with everything installed. */
const FROM_IMAGE_LIMIT = 30;

/**
 * One machine of each role loses its power while machines start from Debian's image, and again after a machine image was
 * made. At the end, meetings are opened on machines that started from that image.
 */
export const machineImage = (context: ScenarioContext): Promise<DrillResult> =>
  watched(context, async (run) => {
    const broke = 'cut the power of a machine of each role, before and after a machine image is made';
    await run.breakIt(broke, async () => {});
    const fromDebian = await replaceEach(run, 'Debian’s image');
    const deployment = { ...context.deployment, image: 'baked' } as const;
    const { account, clock, onProgress, signal } = context;
    const began = clock.now().getTime();
    const { image, imageFailure } = await up({
      account,
      deployment,
      onProgress,
      signal,
      check: false,
      bake: true,
      join: false,
    });
    if (!image) throw new Error(imageFailure ?? 'no machine image was made');
    const made = (run.say(`machine image ${image} is made`) - began) / 1_000;
    const fromImage = await replaceEach(run, 'the machine image');
    await run.fill(
      await run.roomsOn(
        working(run.machines.now).shards.map(({ shard }) => shard),
        1,
      ),
    );
    return {
      broke,
      victims: [],
      elsewhere: [],
      measurements: [
        ...fromDebian.map(({ role, seconds }) => launched(role, 'Debian’s image', seconds)),
        measurement('made', 'the machine image was made after', made, 's'),
        ...fromImage.map(({ role, seconds }) =>
          launched(role, 'the machine image', seconds, FROM_IMAGE_LIMIT),
        ),
      ],
    };
  });

const launched = (role: string, image: string, seconds: number | undefined, limit?: number): Measurement =>
  measurement(
    `${role}-from-${limit === undefined ? 'debian' : 'image'}`,
    `a ${role} from ${image} served after`,
    seconds,
    's',
    limit,
  );

/** Cuts the power of one machine of each role, one after another. Returns the seconds from launch to serving. */
async function replaceEach(
  run: DrillRun,
  image: string,
): Promise<{ role: Machine['role']; seconds: number | undefined }[]> {
  const { shards, bridges } = working(run.machines.now);
  const replaced = [];
  for (const victim of [shards.at(-1), bridges.at(-1)]) {
    if (!victim) continue;
    const { role } = victim;
    const seconds = await run.stage(
      `${role} from ${image}`,
      `Replace a ${role}, which starts from ${image}`,
      () => replace(run, victim),
    );
    replaced.push({ role, seconds });
  }
  return replaced;
}

async function replace(run: DrillRun, victim: Machine): Promise<number | undefined> {
  const before = run.machines.events.length;
  const seen = (wanted: MachineState) =>
    run.machines.events.slice(before).find(({ id, state }) => id !== victim.id && state === wanted)?.at;
  await powerCut(run.options.account).bring([victim]);
  await run.until(REPLACED_WITHIN_MS, () => seen('serving') !== undefined);
  await run.asBefore([victim]);
  const [from, to] = [seen('starting'), seen('serving')];
  return from !== undefined && to !== undefined ? (to - from) / 1_000 : undefined;
}
