import { z } from 'zod';

/** A version of the package `jitsi-meet`. Machines put it on a command line of apt. */
export const Release = z
  .string()
  .regex(/^[0-9][A-Za-z0-9.+~:-]*$/, 'is not the version of a Debian package; such as "2.0.10655-1"')
  .describe(
    'Version of the package jitsi-meet, which names one version of each other package: machines then all have exactly these.',
  );

/** Address of an apt repository. */
export const repository = z.url({ protocol: /^https?$/, error: 'is not an http(s) address' });

/** Suite of an apt repository. */
export const suite = z.string().regex(/^[A-Za-z0-9._/-]+$/, 'is not a suite; such as "stable/"');

/** Packages of an apt repository, as constructs and machines describe it: with the text of the key, not its file. */
export const official = z.strictObject({ kind: z.literal('official'), release: Release.optional() });
export const apt = z.strictObject({
  kind: z.literal('apt'),
  url: repository,
  suite,
  key: z.string().includes('BEGIN PGP PUBLIC KEY BLOCK', { error: 'is not an armoured public key' }),
  release: Release.optional(),
});

/** Where a construct gets Jitsi's packages from. */
export const PackageSource = z.discriminatedUnion('kind', [
  official,
  apt,
  z.strictObject({ kind: z.literal('directory'), path: z.string().min(1, 'is empty') }),
]);
