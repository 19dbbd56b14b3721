import { describe, expect, it } from 'vitest';
import type { MachineImage } from '../../cloud/machine-images.js';
import { imageContents } from '../../contract/image-contents.js';
import type { Release } from '../../contract/release.js';
import { surplusImages } from './image.js';

const release = (name: string): Release => ({ name, source: 'folder', packages: { jicofo: name }, date: '' });
const [oldest, previous, current] = [release('2.0.1-1'), release('2.0.2-1'), release('2.0.3-1')];

const image = (id: string, of: Release, state = 'available'): MachineImage => ({
  id,
  state,
  reason: '',
  created: new Date(0),
  contents: imageContents(of, false),
  release: of.name,
  base: 'ami-0',
  snapshots: [`snap-${id}`],
});

const removed = (images: MachineImage[], launched: string[] = []) =>
  surplusImages(images, { release: current, previous }, launched, false).map(({ id }) => id);

describe('machine images', () => {
  it('are kept for the current release and for the one to return to, the newest of each', () => {
    const images = [
      image('new', current),
      image('old', current),
      image('back', previous),
      image('older-back', previous),
      image('oldest', oldest),
    ];
    expect(removed(images)).toEqual(['old', 'older-back', 'oldest']);
  });

  it('are kept if a group launches them, or while they are being made', () => {
    const images = [image('new', current), image('launched', oldest), image('made', oldest, 'pending')];
    expect(removed(images, ['launched'])).toEqual([]);
  });

  it('are removed if they failed, and are not taken for one that machines can start from', () => {
    expect(removed([image('failed', current, 'failed'), image('good', current)])).toEqual(['failed']);
  });
});

describe('the contents of a machine image', () => {
  it('are the versions of packages, in any order, whatever the release is called', () => {
    const one = { ...current, packages: { jicofo: '1', 'jitsi-meet-web': '2' } };
    const same = { ...previous, packages: { 'jitsi-meet-web': '2', jicofo: '1' } };
    expect(imageContents(one, false)).toBe(imageContents(same, false));
    const jicofo = { ...one, packages: { ...one.packages, jicofo: '3' } };
    expect(imageContents(jicofo, false)).not.toBe(imageContents(one, false));
  });

  it('include the recorder only if there are recorders', () => {
    const jibri = { ...current, packages: { ...current.packages, jibri: '8' } };
    expect(imageContents(jibri, false)).toBe(imageContents(current, false));
    expect(imageContents(jibri, true)).not.toBe(imageContents(current, true));
    expect(imageContents(current, true)).not.toBe(imageContents(current, false));
  });
});
