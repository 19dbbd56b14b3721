import { z } from 'zod';
import type { Ssh } from './deployment.js';
import type { Remark } from './remark.js';

/** Whether a text is a range of addresses, IPv4 or IPv6, such as 203.0.113.0/24. */
const isRange = (text: string): boolean =>
  z.cidrv4().safeParse(text).success || z.cidrv6().safeParse(text).success;

const key = z
  .string()
  .regex(/^[\x21-\x7e]([\x20-\x7e]{0,253}[\x21-\x7e])?$/, 'is not the name of a key pair')
  .describe('Name of an EC2 key pair in the region.');
const rangeName = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9 ._-]{0,59}$/,
    'has a name that is not letters, digits, spaces, dots, hyphens and underscores, 60 at most',
  );
const range = z.string().refine(isRange, 'is not a range of addresses; they look like 203.0.113.0/24');

/** `ssh` after defaults, as the construct takes it. */
export const SshAccess = z.strictObject({
  key,
  from: z
    .array(z.strictObject({ name: rangeName, range }))
    .min(1, 'names no range: nobody could come in')
    .max(20, 'names more than 20 ranges'),
});

/** `ssh`, as a person writes it. */
export const SshInFile = z
  .strictObject({
    key,
    from: z
      .record(rangeName, range)
      .refine((from) => Object.keys(from).length > 0, 'names no range: nobody could come in')
      .refine((from) => Object.keys(from).length <= 20, 'names more than 20 ranges')
      .describe('Ranges of addresses that may come in, each under a name: {office: 203.0.113.0/24}.'),
  })
  .describe(
    'Lets people in by SSH, as user admin. Default: nobody; machines are reached by Session Manager or not at all.',
  );

/** `ssh` of a file, after defaults. */
export const ssh = ({ key, from }: z.infer<typeof SshInFile>): Ssh => ({
  key,
  from: Object.entries(from).map(([name, range]) => ({ name, range })),
});

/** Ranges shorter than these prefixes are a large part of the internet: more than any one provider has. */
const SHORTEST_PREFIX = { 4: 8, 6: 16 } as const;

/** What a person should know of the door that they open. */
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
        message: `ssh.from.${name} is ${range}: ${prefix === 0 ? 'everybody in the world' : 'a large part of the world'} may try to log in to the machines. Name the addresses that you come from.`,
      });
    if (version === 6)
      found.push({
        keys,
        message: `ssh.from.${name} is ${range}, but machines have IPv4 addresses only: nobody can come from there.`,
      });
    return found;
  });
}
