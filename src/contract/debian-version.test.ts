import { execaSync } from 'execa';
import { describe, expect, it } from 'vitest';
import { compareVersions } from './debian-version.js';

describe('compareVersions', () => {
  it.each([
    ['2.0.10888-1', '2.0.10978-1'],
    ['2.0.9-1', '2.0.10-1'],
    ['2.0.11146-1', '2.0.11146-2'],
    ['0.1~fake', '0.1'],
    ['1.0~rc1', '1.0~rc2'],
    ['2.3-295-g8d5c0037b-1', '2.3-300-g0123456-1'],
    ['9.9', '1:0.1'],
    ['1.0', '1.0a'],
    ['1.0a', '1.0+b'],
    ['1.0-1', '1.0-1.1'],
  ])('treats %s as older than %s', (older, newer) => {
    expect(compareVersions(older, newer)).toBeLessThan(0);
    expect(compareVersions(newer, older)).toBeGreaterThan(0);
    // dpkg, where this runs on Debian, has the last word.
    const { exitCode, failed, code } = execaSync('dpkg', ['--compare-versions', older, 'lt', newer], {
      reject: false,
    });
    if (code !== 'ENOENT') expect({ exitCode, failed }).toEqual({ exitCode: 0, failed: false });
  });

  it('treats versions that differ only in leading zeros as equal', () => {
    expect(compareVersions('1.05-1', '1.5-1')).toBe(0);
    expect(compareVersions('2.0.10888-1', '2.0.10888-1')).toBe(0);
  });
});
