import { describe, expect, it } from 'vitest';
import type { Release } from '../contract/release.js';
import { wantedRelease } from './upgrade.js';

const release = (name: string): Release => ({ name, source: 'folder', packages: { jicofo: name }, date: '' });
const has =
  (...names: string[]) =>
  async () =>
    names.map(release);
const deployed = { release: release('2.0.2-1'), previous: release('2.0.1-1') };
const rolling = {
  state: 'rolling',
  from: { 'convoke-meet-shard-a': '1' },
  before: { release: release('2.0.1-1') },
} as const;

describe('the release of an upgrade', () => {
  it('is the newest, or the one that was named, even an older one', async () => {
    expect((await wantedRelease({ deployed }, has('2.0.3-1', '2.0.2-1'))).name).toBe('2.0.3-1');
    const older = await wantedRelease({ to: '2.0.1-1', deployed }, has('2.0.3-1', '2.0.1-1'));
    expect(older.name).toBe('2.0.1-1');
  });

  it('is refused if the source does not have it', async () => {
    await expect(wantedRelease({ to: '2.0.9-1', deployed }, has('2.0.3-1'))).rejects.toMatchObject({
      name: 'NoSuchRelease',
      fault: 'user',
    });
  });

  it('stays the one of an interrupted upgrade, even if there is a newer one by now', async () => {
    expect((await wantedRelease({ deployed, rolling }, has('2.0.3-1'))).name).toBe('2.0.2-1');
    const another = await wantedRelease({ to: '2.0.3-1', deployed, rolling }, has('2.0.3-1'));
    expect(another.name).toBe('2.0.3-1');
  });

  it('is the one before with "--back", or that before the interrupted upgrade', async () => {
    expect((await wantedRelease({ back: true, deployed }, has())).name).toBe('2.0.1-1');
    expect((await wantedRelease({ back: true, deployed, rolling }, has())).name).toBe('2.0.1-1');
    await expect(
      wantedRelease({ back: true, deployed: { release: release('2.0.2-1') } }, has()),
    ).rejects.toMatchObject({ name: 'NoEarlierRelease' });
  });
});
