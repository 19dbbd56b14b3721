import { describe, expect, it } from 'vitest';
import { checkedKey, preferences, sourceFile } from './jitsi-source.js';
import { fingerprints, onlyKey } from './openpgp.js';

/** Made for this test with `gpg --quick-gen-key`. */
const KEY = `-----BEGIN PGP PUBLIC KEY BLOCK-----

mDMEawQIDRYJKwYBBAHaRw8BAQdAnfqtoG6OnzywUXKyYDylfwS9EkH2fZMxF3Fb
52MpB3W0FFRlc3QgPHRAZXhhbXBsZS5vcmc+iJAEExYIADgWIQSNHQvr9WyxRO78
BPkGpjB3hbiTjAUCawQIDQIbAwULCQgHAgYVCgkICwIEFgIDAQIeAQIXgAAKCRAG
pjB3hbiTjKqJAQDc+BL6EkpLaYTnr60EIfzsOD91QVp/OkdLZ9USKhLR8QEA5IB8
mV+kOlX95j9LE5UvaRx/oa2YpfsHx55hXZ2Zgwg=
=BaXB
-----END PGP PUBLIC KEY BLOCK-----
`;
const FINGERPRINT = '8D1D0BEBF56CB144EEFC04F906A6307785B8938C';

describe('fingerprints', () => {
  it('are those that gpg prints', () => {
    expect(fingerprints(KEY)).toEqual([FINGERPRINT]);
  });

  it('are of all keys in the file, so that none can hide behind another', () => {
    expect(fingerprints(KEY + KEY)).toEqual([FINGERPRINT, FINGERPRINT]);
  });

  it.each(['', '<html>Not found</html>', KEY.replace('mDME', 'AAAA')])(
    'cannot be read from a file without a key',
    (text) => {
      expect(() => fingerprints(text)).toThrow();
    },
  );
});

describe('checkedKey', () => {
  it.each([KEY, '<html>'])('refuses every key but the one that is known', (text) => {
    expect(() => checkedKey(text)).toThrow(/not the one that convoke knows/);
  });
});

/** The key that comes with it, in a block of both. */
const OTHER = `-----BEGIN PGP PUBLIC KEY BLOCK-----

mDMEaw9rdhYJKwYBBAHaRw8BAQdAaCjKaxkJ3HoyXGBrlr2O1PzTgtR3J8Plra8z
Jradvym0GlRlc3QgdHdvIDx0d29AZXhhbXBsZS5vcmc+iJAEExYIADgWIQRucMaT
0d4OSCOIQfPQ12GVKRzWkAUCaw9rdgIbAwULCQgHAgYVCgkICwIEFgIDAQIeAQIX
gAAKCRDQ12GVKRzWkKzzAP9ya1jg5sXEgVKqKNabUWmibd3bUy1r8qdeVUA5jDs3
kAEA6dtRGcFuYRq5fHFI4cdTTf941LvhkhuFhAQwoLzibw4=
=1rGA
-----END PGP PUBLIC KEY BLOCK-----
`;
const inOneBlock = (...keys: readonly string[]): string => {
  const bytes = keys.map((key) =>
    Buffer.from(/\n\n([\s\S]*?)(\n=.*)?\n-----END/.exec(key)?.[1] ?? '', 'base64'),
  );
  return `-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n${Buffer.concat(bytes).toString('base64')}\n-----END PGP PUBLIC KEY BLOCK-----\n`;
};

describe('a file with an old and a new key, as a repository has that changes its key', () => {
  it.each([
    ['in two blocks', OTHER + KEY],
    ['in one block', inOneBlock(OTHER, KEY)],
    ['in one block, the known one first', inOneBlock(KEY, OTHER)],
  ])('%s: the known key is taken, and no other', (_, file) => {
    expect(fingerprints(file)).toHaveLength(2);
    const key = checkedKey(file, FINGERPRINT);
    expect(fingerprints(key)).toEqual([FINGERPRINT]);
    expect(key).toBe(onlyKey(KEY, FINGERPRINT));
  });

  it('is refused if it does not contain the known key; the error lists its keys', () => {
    expect(() => checkedKey(OTHER, FINGERPRINT)).toThrow(/not the one that convoke knows/);
  });
});

describe('sourceFile', () => {
  it('has no component in a flat repository', () => {
    expect(sourceFile('https://download.jitsi.org', 'stable/')).not.toContain('Components');
  });

  it('has the component main elsewhere', () => {
    expect(sourceFile('https://mirror.example.org/jitsi', 'trixie')).toContain(
      'Suites: trixie\nComponents: main\n',
    );
  });
});

describe('preferences', () => {
  it("keep Jitsi's own host from replacing what Debian has", () => {
    const text = preferences('https://download.jitsi.org', 'official', ['jicofo']);
    expect(text).toContain('Package: *\nPin: origin "download.jitsi.org"\nPin-Priority: 100');
  });

  it('leave Debian alone on a mirror that may hold both', () => {
    expect(preferences('https://mirror.example.org/jitsi', 'apt', ['jicofo'])).not.toContain('Package: *');
  });
});
