import { describe, expect, it } from 'vitest';
import { parseReleaseFile, releasesInIndex } from './index-file.js';

/** A repository with these releases; `gone`: packages that were removed from it. */
function index(releases: readonly string[], gone: readonly string[] = []): string {
  return releases
    .flatMap((release) => {
      const versions: Record<string, string> = {
        jicofo: `1.0-${release}-1`,
        'jitsi-meet-web': `1.0.${release}-1`,
        'jitsi-meet-prosody': `1.0.${release}-1`,
        'jitsi-videobridge2': `2.3-${release}-g0123456-1`,
      };
      const records = [...Object.entries(versions), ['jitsi-meet-tokens', `1.0.${release}-1`]].map(
        ([name, version]) => `Package: ${name}\nVersion: ${version}\nArchitecture: all\n`,
      );
      const exact = Object.entries(versions).map(([name, version]) => `${name} (= ${version})`);
      return [
        ...records.filter((record) => !gone.some((one) => record.includes(one))),
        `Package: jitsi-meet\nVersion: 2.0.${release}-1\nPre-Depends: debconf\nDepends: ${exact.join(', ')}, nginx | apache2\n`,
      ];
    })
    .join('\n');
}

describe('releasesInIndex', () => {
  it('lists each release with the version of each package, the newest first', () => {
    const found = releasesInIndex(index(['9999', '10888', '10978']), 'source', '2026-12-01');
    expect(found.map(({ name }) => name)).toEqual(['2.0.10978-1', '2.0.10888-1', '2.0.9999-1']);
    expect(found[1]).toEqual({
      name: '2.0.10888-1',
      source: 'source',
      date: '2026-12-01',
      packages: {
        jicofo: '1.0-10888-1',
        'jitsi-meet-web': '1.0.10888-1',
        'jitsi-meet-prosody': '1.0.10888-1',
        'jitsi-videobridge2': '2.3-10888-g0123456-1',
        'jitsi-meet-tokens': '1.0.10888-1',
      },
    });
  });

  it('leaves out a release whose bridge is no longer in the repository', () => {
    const found = releasesInIndex(index(['10888', '10978'], ['2.3-10978']), 'source', '');
    expect(found.map(({ name }) => name)).toEqual(['2.0.10888-1']);
  });
});

describe('parseReleaseFile', () => {
  it('reads the SHA-256 of each file, and the day', () => {
    const hash = 'a'.repeat(64);
    const text = `Origin: jitsi\nDate: Tue, 01 Dec 2026 10:00:00 UTC\nMD5Sum:\n ${'b'.repeat(32)} 12 Packages\nSHA256:\n ${hash} 12 Packages\n ${hash} 7 Packages.gz\n`;
    expect(parseReleaseFile(text)).toEqual({
      date: '2026-12-01',
      files: [
        { path: 'Packages', sha256: hash },
        { path: 'Packages.gz', sha256: hash },
      ],
    });
  });
});
