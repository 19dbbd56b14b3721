import type { ImageBuilder, MachineImage } from '../../cloud/machine-images.js';

/** Milliseconds that a machine may take to install everything. It tries for ten minutes to reach its package sources. */
const BUILDING_LIMIT_MS = 25 * 60_000;

/** Milliseconds that AWS may take to copy the disk: minutes, as for a first snapshot. */
const STORING_LIMIT_MS = 45 * 60_000;

/** Milliseconds after which AWS shows what was requested: lists and tags may lag behind. */
const VISIBLE_AFTER_MS = 60_000;

/** What a run knows of a machine image that is to be made. */
export interface BakeFacts {
  /** What the image has to contain, see `imageContents`. */
  readonly contents: string;
  /** Images of the deployment that are enough, or would be once they are available. */
  readonly images: readonly MachineImage[];
  readonly builders: readonly (ImageBuilder & { readonly console: BuilderConsole })[];
  /** The last that this run requested. Unset: nothing yet. */
  readonly requested?: { readonly what: 'builder' | 'image'; readonly ago: number } | undefined;
  /** Milliseconds since this run began to wait for what it waits for now. */
  readonly waited: number;
}

/** What a builder says on its console. */
export type BuilderConsole =
  | { readonly is: 'installing' }
  | { readonly is: 'ready' }
  | { readonly is: 'failed'; readonly why: string };

export type BakeStep =
  | { readonly do: 'launch' }
  | { readonly do: 'store'; readonly builder: ImageBuilder }
  | { readonly do: 'terminate'; readonly builder: ImageBuilder }
  | { readonly do: 'wait'; readonly what: string }
  | { readonly do: 'done'; readonly image: MachineImage }
  | { readonly do: 'give up'; readonly why: string };

/** What to do next for a machine image. A run that was killed is continued by another one from the facts. */
export function nextStep({ contents, images, builders, requested, waited }: BakeFacts): BakeStep {
  const alive = builders.filter(({ state }) => state !== 'shutting-down');
  const useless = alive.find((builder) => builder.contents !== contents || /^stop/.test(builder.state));
  if (useless) return { do: 'terminate', builder: useless };
  const [builder] = alive;
  const available = images.find(({ state }) => state === 'available');
  if (available) return builder ? { do: 'terminate', builder } : { do: 'done', image: available };
  const lagging = requested && requested.ago < VISIBLE_AFTER_MS ? requested.what : undefined;

  const failed = images.find(({ state }) => state !== 'pending');
  if (failed) return { do: 'give up', why: failed.reason || 'AWS could not copy the disk of the machine.' };
  if (images.length > 0 || lagging === 'image') {
    if (waited > STORING_LIMIT_MS)
      return { do: 'give up', why: 'AWS did not copy the disk of the machine within 45 minutes.' };
    return { do: 'wait', what: 'AWS to copy the disk of the machine' };
  }
  if (!builder) {
    if (lagging) return { do: 'wait', what: 'the machine to start' };
    if (!requested) return { do: 'launch' };
    return { do: 'give up', why: 'The machine ended before everything was installed.' };
  }
  switch (builder.console.is) {
    case 'ready':
      return { do: 'store', builder };
    case 'failed':
      return { do: 'give up', why: builder.console.why };
    case 'installing':
      if (waited > BUILDING_LIMIT_MS)
        return { do: 'give up', why: 'The machine did not install everything within 25 minutes.' };
      return { do: 'wait', what: 'packages to be installed' };
  }
}
