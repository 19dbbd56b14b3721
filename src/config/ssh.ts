import { z } from 'zod';
import type { Ssh } from './deployment.js';
import type { Remark } from './remark.js';

/** Whether a text is an IPv4 or IPv6 address range in CIDR notation, such as 203.0.113.0/24. */
const isRange = (text: string): boolean =>
  z.cidrv4().safeParse(text).success || z.cidrv6().safeParse(text).success;

/** The first address of an IPv4 range, with the range's prefix; IPv6 ranges stay as they are. */
function canonical(range: string): string {
  const [address = '', prefix = ''] = range.split('/');
  if (address.includes(':')) return range;
  const bits = address.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0);
  const size = 2 ** (32 - Number(prefix));
  const first = bits - (bits % size);
  return `${[24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join('.')}/${prefix}`;
}

/** EC2 refuses a second rule for the same range. */
const areDifferent = (ranges: readonly string[]) => new Set(ranges).size === ranges.length;
const SAME_RANGE = 'has the same range twice; remove one';

const key = z
  .string()
  .regex(/^[\x21-\x7e]([\x20-\x7e]{0,253}[\x21-\x7e])?$/, 'is not the name of a key pair')
  .describe('Name of an EC2 key pair in the region.');
const rangeName = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9 ._-]{0,59}$/,
    'has a name with other characters than letters, digits, spaces, dots, hyphens and underscores, or longer than 60',
  );
// EC2 would use the whole range, which may be more than was meant.
const range = z
  .string()
  .refine(isRange, { error: 'is not an address range such as 203.0.113.0/24', abort: true })
  .refine((text) => canonical(text) === text, {
    error: ({ input }) => {
      const text = String(input);
      return `is not the first address of its range: write ${canonical(text)} for the whole range, or ${text.split('/')[0]}/32 for this address only`;
    },
  });

/** `ssh` after defaults, for the construct. */
export const SshAccess = z.strictObject({
  key,
  from: z
    .array(z.strictObject({ name: rangeName, range }))
    .min(1, 'names no range: nobody could come in')
    .max(20, 'names more than 20 ranges')
    .refine((from) => areDifferent(from.map((each) => each.range)), SAME_RANGE),
});

/** `ssh` in `convoke.yaml`. */
export const SshInFile = z
  .strictObject({
    key,
    from: z
      .record(rangeName, range)
      .refine((from) => Object.keys(from).length > 0, 'names no range: nobody could come in')
      .refine((from) => Object.keys(from).length <= 20, 'names more than 20 ranges')
      .refine((from) => areDifferent(Object.values(from)), SAME_RANGE)
      .describe('Allowed address ranges, each with a name: {office: 203.0.113.0/24}.'),
  })
  .describe('Allows SSH logins as user admin. Default: no SSH access.');

/** Applies the defaults of `ssh`. */
export const ssh = ({ key, from }: z.infer<typeof SshInFile>): Ssh => ({
  key,
  from: Object.entries(from).map(([name, range]) => ({ name, range })),
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
