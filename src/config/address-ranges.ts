import { z } from 'zod';

/** An address range with a name, which the rules of security groups have as a description. */
export interface NamedRange {
  readonly name: string;
  readonly range: string;
}

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

const MOST = 20;
const NONE = 'names no range: nobody could come in';
const TOO_MANY = `names more than ${MOST} ranges`;

/** Ranges after defaults, for the construct. */
export const namedRanges = z
  .array(z.strictObject({ name: rangeName, range }))
  .min(1, NONE)
  .max(MOST, TOO_MANY)
  .refine((from) => areDifferent(from.map((each) => each.range)), SAME_RANGE);

/** Ranges in `convoke.yaml`, by name: `{office: 203.0.113.0/24}`. `accepts`: which ranges are allowed. Default: all. */
export const rangesInFile = (accepts: z.ZodType<string, string> = z.string()) =>
  z
    .record(rangeName, range.pipe(accepts))
    .refine((from) => Object.keys(from).length > 0, NONE)
    .refine((from) => Object.keys(from).length <= MOST, TOO_MANY)
    .refine((from) => areDifferent(Object.values(from)), SAME_RANGE);

/** Ranges of the file as a list. */
export const listRanges = (from: Readonly<Record<string, string>>): NamedRange[] =>
  Object.entries(from).map(([name, each]) => ({ name, range: each }));
