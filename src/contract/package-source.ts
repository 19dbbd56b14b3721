import { z } from 'zod';

/** A version of the package `jitsi-meet`. It becomes an argument of apt on machines. */
export const ReleaseName = z
  .string()
  .regex(/^[0-9][A-Za-z0-9.+~:-]*$/, 'is not a Debian package version such as "2.0.10655-1"')
  .describe(
    'Version of the package jitsi-meet, which depends on exact versions of the other packages, so all machines have the same versions.',
  );

/** URL of an apt repository. */
export const repository = z.url({ protocol: /^https?$/, error: 'is not an http(s) URL' });

/** Suite of an apt repository. */
export const suite = z.string().regex(/^[A-Za-z0-9._/-]+$/, 'is not an apt suite such as "stable/"');

/** Packages of an apt repository, for the construct and for machines: with the text of the key, not its file. */
export const official = z.strictObject({ kind: z.literal('official'), release: ReleaseName.optional() });
export const apt = z.strictObject({
  kind: z.literal('apt'),
  url: repository,
  suite,
  key: z.string().includes('BEGIN PGP PUBLIC KEY BLOCK', { error: 'is not an armoured public key' }),
  release: ReleaseName.optional(),
});

/** Where a construct gets Jitsi's packages from. */
export const PackageSource = z.discriminatedUnion('kind', [
  official,
  apt,
  z.strictObject({ kind: z.literal('directory'), path: z.string().min(1, 'is empty') }),
]);
