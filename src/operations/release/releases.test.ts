import { describe, expect, it } from 'vitest';
import type { Deployment } from '../../config/deployment.js';
import type { Release } from '../../contract/release.js';
import { assertRecorder, isNewer, parseReleases, releasesToDeploy } from './releases.js';

const OFFICIAL = 'https://download.jitsi.org stable/';
const release = (name: string, source = OFFICIAL): Release => ({
  name,
  source,
  packages: { jicofo: `${name}-jicofo` },
  date: '2026-12-01',
});
const from = (packages: Deployment['packages']) => ({
  packages,
  machines: { architecture: 'arm64' as const, shard: 't4g.medium' },
});
const has =
  (...names: string[]) =>
  async () =>
    names.map((name) => release(name));
const notAsked = async () => {
  throw new Error('the repository was asked');
};

describe('releasesToDeploy', () => {
  it('takes the newest release for a new deployment', async () => {
    const chosen = await releasesToDeploy(undefined, from({ kind: 'official' }), has('2.0.3-1', '2.0.2-1'));
    expect(chosen?.release.name).toBe('2.0.3-1');
  });

  it('keeps the deployed release and does not need the repository', async () => {
    const deployed = { release: release('2.0.2-1') };
    expect(await releasesToDeploy(deployed, from({ kind: 'official' }), notAsked)).toBe(deployed);
  });

  it('follows a release that the file names', async () => {
    const file = from({ kind: 'official', release: '2.0.1-1' });
    const deployed = { release: release('2.0.2-1') };
    const available = has('2.0.3-1', '2.0.2-1', '2.0.1-1');
    expect((await releasesToDeploy(deployed, file, available))?.release.name).toBe('2.0.1-1');
    expect((await releasesToDeploy(undefined, file, available))?.release.name).toBe('2.0.1-1');
  });

  it('refuses a release that the source does not have, and names the nearest', async () => {
    const file = from({ kind: 'official', release: '2.0.10889-1' });
    await expect(releasesToDeploy(undefined, file, has('2.0.11031-1', '2.0.10888-1'))).rejects.toMatchObject({
      name: 'NoSuchRelease',
      message: 'The package source has no release 2.0.10889-1.',
      why: 'It has 2.0.10888-1, 2.0.11031-1.',
    });
  });

  it('keeps the release from a mirror that has it, and takes the newest of one that does not', async () => {
    const deployed = { release: release('2.0.2-1') };
    const mirror = from({ kind: 'apt', url: 'https://mirror.example.org', suite: 'stable/', key: '' });
    const keeps = await releasesToDeploy(deployed, mirror, has('2.0.3-1', '2.0.2-1'));
    expect(keeps?.release.name).toBe('2.0.2-1');
    const moves = await releasesToDeploy(deployed, mirror, has('2.0.4-1', '2.0.3-1'));
    expect(moves?.release.name).toBe('2.0.4-1');
  });
});

describe('parseReleases', () => {
  it('reads what a stack says, and takes anything else for nothing', () => {
    const state = { release: release('2.0.2-1') };
    expect(parseReleases(JSON.stringify(state))).toEqual(state);
    for (const text of [undefined, '', '{', '{}', '{"release":{"name":"; rm -rf /"}}'])
      expect(parseReleases(text)).toBeUndefined();
  });
});

describe('isNewer', () => {
  it('compares names as versions, and packages if a folder has others under the same name', () => {
    expect(isNewer(release('2.0.10-1'), release('2.0.9-1'))).toBe(true);
    expect(isNewer(release('2.0.9-1'), release('2.0.10-1'))).toBe(false);
    const other = { ...release('2.0.9-1'), packages: { jicofo: '1.0-2' } };
    expect(isNewer(other, release('2.0.9-1'))).toBe(true);
    expect(isNewer(release('2.0.9-1'), release('2.0.9-1'))).toBe(false);
  });
});

describe('recorders', () => {
  const recording = { max: 1, ready: 1, who: 'moderators', type: 'c7g.xlarge' } as const;
  const packages = { kind: 'official' } as const;
  const without = release('2.0.1-1');
  const state = { release: { ...without, packages: { jibri: '8.0-1' } } };

  it('need a package that the release has', () => {
    expect(() => assertRecorder({ packages, recording }, { release: without })).toThrow(/include no jibri/);
    expect(() => assertRecorder({ packages, recording }, state)).not.toThrow();
  });

  it('that are not wanted need none', () => {
    expect(() => assertRecorder({ packages }, { release: without })).not.toThrow();
  });
});
