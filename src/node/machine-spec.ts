import { z } from 'zod';

/** It gets into names of files and XMPP addresses on the machine, so it is looked at again there. */
const HOST_NAME =
  /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9][a-z0-9-]{0,61}[a-z0-9]$/i;

/** A version of the package `jitsi-meet`. It gets onto a command line of apt. */
const Release = z.string().regex(/^[0-9][A-Za-z0-9.+~:-]*$/);

/**
 * What a machine is told at launch: user data writes it to `/etc/convoke/machine.json`.
 * It holds no secret, only where secrets are. Everything else (addresses, zone, id) the machine learns from IMDS.
 */
export const MachineSpec = z.strictObject({
  deployment: z.string().regex(/^[a-z][a-z0-9-]{0,19}$/),
  domain: z.string().regex(HOST_NAME).toLowerCase(),
  region: z.string(),
  role: z.literal('cell'),
  /** Which cell: `a`, `b`, … It becomes the shard's name in `x-jitsi-shard`. */
  cell: z.string().regex(/^[a-z]{1,2}$/),
  /** Whether a Videobridge runs on this machine (`size: solo`). */
  bridgeOnBoard: z.boolean(),
  /** Auto Scaling group that this machine belongs to. */
  group: z.string(),
  /** Secrets Manager secret: a JSON object whose `seed` every password of the deployment is derived from. */
  secret: z.string(),
  /** Where Jitsi's packages come from, as the machine sees it. `archive` is a zip of `.deb` files in S3. */
  packages: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('official'), release: Release.optional() }),
    z.strictObject({
      kind: z.literal('apt'),
      url: z.url(),
      suite: z.string(),
      key: z.string(),
      release: Release.optional(),
    }),
    z.strictObject({ kind: z.literal('archive'), bucket: z.string(), key: z.string() }),
  ]),
  /** CloudWatch namespace of the agent's metrics. */
  metrics: z.string(),
});

export type MachineSpec = z.infer<typeof MachineSpec>;

export const MACHINE_SPEC_FILE = '/etc/convoke/machine.json';
