import { describe, expect, it } from 'vitest';
import type { ImageBuilder, MachineImage } from '../../cloud/machine-images.js';
import { type BakeFacts, type BuilderConsole, nextStep } from './next-step.js';

const CONTENTS = 'a1b2c3d4e5f6';
const MINUTE = 60_000;

const image = (changes: Partial<MachineImage> = {}): MachineImage => ({
  id: 'ami-1',
  state: 'available',
  reason: '',
  created: new Date(0),
  contents: CONTENTS,
  release: '2.0.1-1',
  base: 'ami-0',
  snapshots: [],
  ...changes,
});
const builder = (
  is: BuilderConsole,
  changes: Partial<ImageBuilder> = {},
): ImageBuilder & { console: BuilderConsole } => ({
  id: 'i-1',
  state: 'running',
  contents: CONTENTS,
  release: '2.0.1-1',
  base: 'ami-0',
  console: is,
  ...changes,
});
const installing = builder({ is: 'installing' });
const ready = builder({ is: 'ready' });
const step = (facts: Partial<BakeFacts> = {}) =>
  nextStep({ contents: CONTENTS, images: [], builders: [], waited: 0, ...facts });

describe('a machine image is made', () => {
  it('by a machine that is launched, copied when it is ready, and terminated when the copy is available', () => {
    expect(step()).toEqual({ do: 'launch' });
    expect(step({ builders: [installing] })).toMatchObject({ do: 'wait' });
    expect(step({ builders: [ready] })).toEqual({ do: 'store', builder: ready });
    expect(step({ builders: [ready], images: [image({ state: 'pending' })] })).toMatchObject({ do: 'wait' });
    expect(step({ builders: [ready], images: [image()] })).toEqual({ do: 'terminate', builder: ready });
    expect(step({ images: [image()] })).toEqual({ do: 'done', image: image() });
  });

  it('once, even if AWS does not show at first what was requested', () => {
    const just = (what: 'builder' | 'image') => ({ what, ago: 20_000 });
    expect(step({ requested: just('builder') })).toMatchObject({ do: 'wait' });
    expect(step({ builders: [ready], requested: just('image') })).toMatchObject({ do: 'wait' });
  });

  it('not from a machine with another release, or one that was stopped', () => {
    const other = builder({ is: 'ready' }, { contents: 'other' });
    expect(step({ builders: [other] })).toEqual({ do: 'terminate', builder: other });
    const stopped = builder({ is: 'installing' }, { state: 'stopped' });
    expect(step({ builders: [stopped] })).toEqual({ do: 'terminate', builder: stopped });
    expect(step({ builders: [builder({ is: 'ready' }, { state: 'shutting-down' })] })).toEqual({
      do: 'launch',
    });
  });
});

describe('a machine image is given up', () => {
  it.each<[string, Partial<BakeFacts>, RegExp]>([
    [
      'if packages cannot be installed',
      { builders: [builder({ is: 'failed', why: 'No space left on device.' })] },
      /No space left/,
    ],
    ['if the machine ends early', { requested: { what: 'builder', ago: 5 * MINUTE } }, /ended before/],
    ['if installing takes too long', { builders: [installing], waited: 26 * MINUTE }, /25 minutes/],
    [
      'if AWS cannot copy the disk',
      { images: [image({ state: 'failed', reason: 'Client.InternalError' })] },
      /Client.InternalError/,
    ],
    [
      'if AWS takes too long to copy the disk',
      { images: [image({ state: 'pending' })], waited: 46 * MINUTE },
      /45 minutes/,
    ],
  ])('%s', (_, facts, why) => {
    expect(step(facts)).toMatchObject({ do: 'give up', why: expect.stringMatching(why) });
  });
});
