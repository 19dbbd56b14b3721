import { randomUUID } from 'node:crypto';
import type { Account } from '../../cloud/account.js';
import { consoleOutput } from '../../cloud/console.js';
import {
  createMachineImage,
  type ImageBuilder,
  imageBuilders,
  launchImageBuilder,
  type MachineImage,
  machineImages,
  removeMachineImage,
  terminateImageBuilder,
  terminateImageBuilders,
} from '../../cloud/machine-images.js';
import { pause } from '../../cloud/poll.js';
import type { Deployment } from '../../config/deployment.js';
import { BAKED } from '../../contract/console-lines.js';
import { ConvokeError } from '../../contract/errors.js';
import { imageContents } from '../../contract/image-contents.js';
import type { Release } from '../../contract/release.js';
import type { OnProgress } from '../progress.js';
import { provisioningFailure } from '../provisioning-failure.js';
import { type BakeFacts, type BuilderConsole, nextStep } from './next-step.js';

export interface BakeOptions {
  readonly account: Account;
  readonly deployment: Pick<Deployment, 'name' | 'recording'>;
  readonly release: Release;
  /** Whether an existing image is enough. Default: one with the same contents is. */
  readonly isEnough?: (image: MachineImage) => boolean;
  readonly onProgress: OnProgress;
  readonly signal?: AbortSignal | undefined;
}

/** What a run has requested, and when: AWS may not show it yet. */
export interface Requested {
  readonly what: 'builder' | 'image';
  readonly at: number;
}

const POLL_MS = 10_000;

/**
 * Makes a machine image with everything installed for every role, unless there is one that is enough. A machine of its own,
 * launched from Debian's image, installs the packages, and ends when its disk is copied, or by itself after half an hour.
 * It decides from what it finds, so that it continues after it was killed. The deployment's stack has to have the
 * launch template of that machine for the release. `begun`: what {@link beginToBake} returned. Throws `ImageNotMade`.
 */
export async function bake(options: BakeOptions, begun?: Requested): Promise<MachineImage> {
  const { account, deployment, onProgress, signal } = options;
  const began = account.clock.now().getTime();
  let waiting = { for: '', since: began };
  let requested = begun;
  for (;;) {
    signal?.throwIfAborted();
    const now = account.clock.now().getTime();
    const next = nextStep({
      ...(await factsOf(options)),
      requested: requested && { what: requested.what, ago: now - requested.at },
      waited: now - waiting.since,
    });
    switch (next.do) {
      case 'done':
        return next.image;
      case 'launch':
        await launchImageBuilder(account, deployment.name, randomUUID());
        requested = { what: 'builder', at: now };
        break;
      case 'store':
        await createMachineImage(account, deployment.name, next.builder);
        requested = { what: 'image', at: now };
        break;
      case 'terminate':
        await terminateImageBuilder(account, next.builder.id);
        break;
      case 'give up':
        await removeRemains(account, deployment.name);
        throw new ConvokeError('ImageNotMade', {
          what: 'The machine image could not be made.',
          why: next.why,
          now: 'Run the same command again. "image: debian" in convoke.yaml does without a machine image.',
        });
      case 'wait':
        if (next.what !== waiting.for) {
          waiting = { for: next.what, since: now };
          onProgress({ kind: 'waiting', what: next.what, seconds: (now - began) / 1000 });
        }
    }
    await pause(account, POLL_MS, signal);
  }
}

/** Launches the machine from which the image is made, if that is next, and does not wait for it. */
export async function beginToBake(options: BakeOptions): Promise<Requested | undefined> {
  const next = nextStep({ ...(await factsOf(options)), waited: 0 });
  if (next.do !== 'launch') return undefined;
  await launchImageBuilder(options.account, options.deployment.name, randomUUID());
  return { what: 'builder', at: options.account.clock.now().getTime() };
}

async function factsOf({
  account,
  deployment,
  release,
  isEnough = () => true,
}: BakeOptions): Promise<Pick<BakeFacts, 'contents' | 'images' | 'builders'>> {
  const contents = imageContents(release, deployment.recording !== undefined);
  const [images, builders] = await Promise.all([
    machineImages(account, deployment.name),
    imageBuilders(account, deployment.name),
  ]);
  return {
    contents,
    images: images.filter((image) => image.contents === contents && isEnough(image)),
    builders: await Promise.all(
      builders.map(async (builder) => ({ ...builder, console: await consoleOf(account, builder) })),
    ),
  };
}

async function consoleOf(account: Account, { id, state }: ImageBuilder): Promise<BuilderConsole> {
  if (state !== 'running') return { is: 'installing' };
  const text = await consoleOutput(account, id);
  if (text.includes(`convoke: ${BAKED}`)) return { is: 'ready' };
  const why = provisioningFailure(text);
  return why && !why.includes('Trying again in') ? { is: 'failed', why } : { is: 'installing' };
}

/** Removes what a failed attempt left. */
async function removeRemains(account: Account, deployment: string): Promise<void> {
  await terminateImageBuilders(account, deployment);
  for (const image of await machineImages(account, deployment))
    if (image.state === 'failed' || image.state === 'error') await removeMachineImage(account, image);
}
