import { z } from 'zod';
import { listRanges, namedRanges, rangesInFile } from './address-ranges.js';
import type { Ssh } from './deployment.js';
import type { Remark } from './remark.js';

const key = z
  .string()
  .regex(/^[\x21-\x7e]([\x20-\x7e]{0,253}[\x21-\x7e])?$/, 'is not the name of a key pair')
  .describe('Name of an EC2 key pair in the region.');
/** `ssh` after defaults, for the construct. */
export const SshAccess = z.strictObject({
  key,
  from: namedRanges,
});

/** `ssh` in `convoke.yaml`. */
export const SshInFile = z
  .strictObject({
    key,
    from: rangesInFile().describe('Allowed address ranges, each with a name: {office: 203.0.113.0/24}.'),
  })
  .describe('Allows SSH logins as user admin. Default: no SSH access.');

/** Applies the defaults of `ssh`. */
export const ssh = ({ key, from }: z.infer<typeof SshInFile>): Ssh => ({
  key,
  from: listRanges(from),
});

/** Ranges with a shorter prefix are larger than any single provider's network. */
const SHORTEST_PREFIX = { 4: 8, 6: 16 } as const;

/** Warnings about SSH ranges. */
export function sshWarnings({
  ssh: opened,
}: {
  readonly ssh?: z.infer<typeof SshInFile> | undefined;
}): Remark[] {
  return Object.entries(opened?.from ?? {}).flatMap(([name, range]) => {
    const keys = ['ssh', 'from', name];
    const version = range.includes(':') ? 6 : 4;
    const prefix = Number(range.split('/')[1]);
    const found: Remark[] = [];
    if (prefix < SHORTEST_PREFIX[version])
      found.push({
        keys,
        message: `ssh.from.${name} is ${range}: ${prefix === 0 ? 'the whole internet' : 'a large part of the internet'} may try to log in to the machines. Use only your own addresses.`,
      });
    if (version === 6)
      found.push({
        keys,
        message: `ssh.from.${name} is ${range}, but machines have only IPv4 addresses, so this range has no effect.`,
      });
    return found;
  });
}
