import { z } from 'zod';
import { deploymentName } from '../contract/deployment-name.js';
import { Meetings } from '../contract/meetings.js';
import { Release, repository, suite } from '../contract/package-source.js';
import { REGIONS } from './regions.js';
import { SshInFile } from './ssh.js';
import { isTimeZone, TIME_ZONES, timeZone } from './time-zones.js';

/** A mail address, as far as a pattern can tell. */
export const ALERTS = /^[^\s@"<>]+@[^\s@"<>]+\.[^\s@"<>]+$/;

/**
 * Each shard is a Prosody on one core, good for thousands of people, and every bridge shows itself in each. More shards
 * than this over two zones are better split into deployments.
 */
const MOST_SHARDS = 8;
/** Every bridge's presence goes to every shard. At 200 people a bridge this is enough for 20 000. */
const MOST_BRIDGES = 100;

const DAY = '(mon|tue|wed|thu|fri|sat|sun)';
const DAYS = new RegExp(`^(${DAY}(-${DAY})?)(,${DAY}(-${DAY})?)*$`, 'i');

/** Lower-cases what a person typed; host names mean the same in either case. */
const hostName = z
  .string()
  .transform((text) => text.trim().toLowerCase())
  .superRefine((text, context) => {
    const complaint = hostNameComplaint(text);
    if (complaint) context.addIssue({ code: 'custom', message: complaint });
  });

/** What is wrong with a host name, in a sentence; undefined when nothing is. */
export function hostNameComplaint(text: string): string | undefined {
  if (/^[a-z][a-z0-9+.-]*:\/\//.test(text))
    return 'is an address; only the host name in it is wanted, such as meet.example.org';
  if (text.includes('/')) return 'has a path; only a host name is wanted, such as meet.example.org';
  if (text.includes(':')) return 'has a port; meetings are always on 443, so give the host name alone';
  if (text.endsWith('.')) return 'ends in a dot; leave the dot out';
  if (/^\d+(\.\d+){3}$/.test(text))
    return 'is an IP address; a certificate needs a name, such as meet.example.org';
  if (/[^\x20-\x7e]/.test(text))
    return 'has letters beyond a–z; give its ASCII form, which starts with "xn--"';
  if (!text.includes('.')) return 'is a single word; a full host name is wanted, such as meet.example.org';
  if (text.length > 64) return 'is longer than the 64 characters that a certificate can hold';
  for (const label of text.split('.')) {
    if (label === '') return 'has an empty part between two dots';
    if (label.length > 63) return 'has a part longer than 63 characters';
    if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(label)) {
      return `has the part "${label}"; letters, digits and inner hyphens are allowed`;
    }
  }
  return undefined;
}

const Dns = z
  .union([
    z.enum(['route53', 'manual']),
    z.strictObject({ zone: hostName.describe('Name of a Route 53 zone of the account.') }),
  ])
  .describe(
    'Who writes DNS records. "route53" (default): convoke, in the zone that is the domain without its first part. {zone: …}: convoke, in that Route 53 zone. "manual": you; "up" says which, and waits until it sees them.',
  );

/** A family ends in its generation and what is special about it: `c7g`, `m7i-flex`, `mac2-m2`. */
const INSTANCE_TYPE =
  /^[a-z]+(?:-\d+tb)?\d+[a-z]*(?:-[a-z0-9]+)*\.(?:nano|micro|small|medium|large|\d*xlarge|metal(?:-\d+xl)?)$/;
const SIZES = [
  'nano',
  'micro',
  'small',
  'medium',
  'large',
  'xlarge',
  '2xlarge',
  '4xlarge',
  '8xlarge',
  'metal',
];

/** Whether the region has it, AWS says: `check` asks. */
const instanceType = z
  .string()
  .superRefine((text, context) => {
    if (INSTANCE_TYPE.test(text)) return;
    const [family = '', size = ''] = text.split('.');
    const known = INSTANCE_TYPE.test(`${family}.large`);
    context.addIssue({
      code: 'custom',
      message: `"${text.slice(0, 60)}" is not an EC2 instance type`,
      params: {
        spelling: {
          word: size,
          words: known ? SIZES : [],
          before: `${family}.`,
          form: 'they look like c7g.large',
        },
      } satisfies Misspelt,
    });
  })
  // For editors; the check above has the better message.
  .meta({ pattern: INSTANCE_TYPE.source });

/**
 * What an issue says of a word that is probably misspelt. The schema names the words that would be valid; finding the
 * nearest of them is left to `Suggest`, so that the schema needs no package but zod.
 */
export interface Misspelt {
  readonly spelling: {
    readonly word: string;
    readonly words: readonly string[];
    /** What the suggested word comes after. */
    readonly before?: string;
    /** What such words look like: the hint where no valid word is near. */
    readonly form: string;
  };
}

export const Machines = z
  .strictObject({
    architecture: z
      .enum(['arm64', 'amd64'])
      .default('arm64')
      .describe('Processor architecture. Default: arm64, which costs less.'),
    shard: instanceType
      .optional()
      .describe(
        'EC2 instance type of a shard. Default: t4g.medium (arm64) or t3.medium (amd64), 2 vCPU and 4 GiB.',
      ),
  })
  .describe('The machines.');

const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'is not a time of day; they look like "08:30"');

const wholeNumber = (least: number, most: number, because = '') =>
  z.int().min(least, `must be at least ${least}`).max(most, `must be at most ${most}${because}`);

/** How many shards there are, from `least` on. */
export const shardCount = (least: number) =>
  wholeNumber(
    least,
    MOST_SHARDS,
    ', four in each zone: every bridge shows itself in every shard. More people are better served by a second deployment',
  );

const BusyTime = z
  .strictObject({
    days: z
      .string()
      .regex(DAYS, 'names no days of the week; they look like "mon-fri" or "sat,sun"')
      .describe('Days of the week, such as "mon-fri" or "sat,sun".'),
    from: clock.describe('Time of day at which it begins, such as "08:30".'),
    until: clock.describe('Time of day at which it ends.'),
    min: wholeNumber(1, MOST_BRIDGES).describe('How many bridges run at the least in this time.'),
  })
  .describe('Hours in which more bridges than usual run at the least.');

export const Bridges = z
  .strictObject({
    min: wholeNumber(1, MOST_BRIDGES)
      .optional()
      .describe('How many bridges run at the least. Default: 2, so that one may fail.'),
    max: wholeNumber(1, MOST_BRIDGES)
      .optional()
      .describe('How many bridges run at the most. Default: 6 for team, 20 for fleet.'),
    types: z
      .array(instanceType)
      .min(1, 'names no type')
      .max(10, 'names more than 10 types')
      .optional()
      .describe(
        'EC2 instance types that will do, the preferred first. Default: c7g.large (arm64) or c7i.large (amd64), or the generation before where the region has none.',
      ),
    spot: wholeNumber(0, 100)
      .optional()
      .describe(
        'Percentage of bridges that are spot machines, a whole number: cheaper, and taken back at two minutes’ notice. Default: 0.',
      ),
    schedule: z
      .array(BusyTime)
      .max(20, 'has more than 20 entries')
      .optional()
      .describe('Hours in which more bridges run at the least, before people come.'),
    timezone: z
      .string()
      .transform(timeZone)
      .superRefine((name, context) => {
        if (isTimeZone(name)) return;
        context.addIssue({
          code: 'custom',
          message: 'is not a time zone',
          params: {
            spelling: { word: name, words: TIME_ZONES, form: 'they look like Europe/Berlin' },
          } satisfies Misspelt,
        });
      })
      .optional()
      .describe('Time zone of the schedule, such as Europe/Berlin. Default: UTC.'),
  })
  .describe('The group of bridges that all shards share. For size team and fleet.');

const Packages = z
  .union([
    z.literal('official'),
    z.strictObject({ release: Release }),
    z.strictObject({
      apt: repository.describe('Address of an apt repository.'),
      suite: suite.describe('Its suite, such as "stable/".'),
      key: z.string().describe('File with the armoured public key that signs it.'),
      release: Release.optional(),
    }),
    z.strictObject({
      directory: z
        .string()
        .min(1, 'is empty')
        .describe('Folder of .deb files, uploaded with the deployment.'),
    }),
  ])
  .describe(
    'Where Jitsi’s packages come from. Default: official, the newest release in Jitsi’s own apt repository when a machine starts.',
  );

export const Budget = z
  .strictObject({
    monthly: z
      .number()
      .positive('must be more than 0')
      .max(1_000_000, 'must be at most 1000000')
      .describe('US dollars a month.'),
  })
  .describe(
    'A limit of cost. The alerts address gets a mail when 80 % of it is spent, and when more than all of it is forecast.',
  );

/** `convoke.yaml`, as a person writes it. */
export const ConvokeFile = z
  .strictObject({
    domain: hostName.describe('Host name of the meeting page, such as meet.example.org.'),
    region: z.string().describe('AWS region, such as eu-central-1.').meta({ enum: REGIONS }),
    alerts: z
      .string()
      .regex(ALERTS, 'is not a mail address')
      .describe('Mail address that is told when something breaks. AWS asks it once to confirm.'),
    name: deploymentName
      .optional()
      .describe(
        'Prefix of everything made. Default: the domain, with hyphens for dots, cut to 20 characters.',
      ),
    size: z
      .enum(['solo', 'team', 'fleet'])
      .optional()
      .describe(
        'How many machines. "solo" (default): one shard with a co-located bridge, replaced when it dies. "team": 2 shards and 2 to 6 bridges; calls survive the loss of any machine. "fleet": as many shards and bridges as you say.',
      ),
    shards: shardCount(2).optional().describe('How many shards, for size fleet. Default: 2.'),
    bridges: Bridges.optional(),
    dns: Dns.optional(),
    certificate: z
      .string()
      .regex(
        /^arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate\/[A-Za-z0-9-]+$/,
        'is not the ARN of an ACM certificate',
      )
      .optional()
      .describe(
        'ARN of a certificate of your own, in the same region. Default: convoke has one issued, which a record in DNS proves the domain for.',
      ),
    machines: Machines.prefault({}),
    packages: Packages.optional(),
    access: z
      .enum(['open', 'members'])
      .default('open')
      .describe(
        'Who may meet. "open" (default): everybody who knows the name of a room. "members": who has a signed link, which "convoke invite" makes.',
      ),
    meetings: Meetings.prefault({}),
    turn: z
      .enum(['on', 'off'], 'is "on" or "off"')
      .optional()
      .describe(
        'Media over TLS for people whose network lets no UDP out, at turn.<domain>; a load balancer more. Default: on for team and fleet, off for solo. A certificate of your own has to cover that name too.',
      ),
    budget: Budget.optional(),
    ssh: SshInFile.optional(),
  })
  .describe('A Jitsi Meet on AWS, made by convoke.');

export type ConvokeFile = z.infer<typeof ConvokeFile>;
