import { domainToASCII } from 'node:url';
import { z } from 'zod';
import { LANGUAGES } from '../contract/alerts.js';
import { deploymentName } from '../contract/deployment-name.js';
import { DIAGNOSTICS } from '../contract/log-lines.js';
import { Meetings } from '../contract/meetings.js';
import { ReleaseName, repository, suite } from '../contract/package-source.js';
import { REGIONS } from './regions.js';
import { SshInFile } from './ssh.js';
import { isTimeZone, TIME_ZONES, timeZone } from './time-zones.js';

/** Pattern for mail addresses, in ASCII. A URL with a user name or an `@` in its path is not one. */
const MAIL_ADDRESS = /^(?!https?:)[!#-;=?A-~]+@[!#-;=?A-~]+\.[!#-;=?A-~]+$/;

/**
 * Each shard is a Prosody on one core, which serves thousands of participants, and every bridge sends its presence to
 * each shard. More shards are better split into several deployments.
 */
const MOST_SHARDS = 8;
/** Every bridge sends its presence to every shard. With 200 participants a bridge, this is enough for 20 000. */
const MOST_BRIDGES = 100;

const DAY = '(mon|tue|wed|thu|fri|sat|sun)';
const DAYS = new RegExp(`^(${DAY}(-${DAY})?)(,${DAY}(-${DAY})?)*$`, 'i');

/** Lower-cases the input, because host names are case-insensitive. */
const hostName = z
  .string()
  .transform((text) => text.trim().toLowerCase())
  .superRefine((text, context) => {
    const complaint = hostNameComplaint(text);
    if (complaint) context.addIssue({ code: 'custom', message: complaint });
  });

/** What is wrong with a host name, as a clause that follows it; undefined if it is valid. */
export function hostNameComplaint(text: string): string | undefined {
  if (/^[a-z][a-z0-9+.-]*:\/\//.test(text))
    return 'is a URL; give only its host name, such as meet.example.org';
  if (text.includes('/')) return 'has a path; give only the host name, such as meet.example.org';
  if (/^\[?[0-9a-f:.]*:[0-9a-f:.]*:[0-9a-f:.]*\]?$/.test(text))
    return 'is an IP address; a certificate needs a name, such as meet.example.org';
  if (text.includes(':')) return 'has a port; give only the host name, because meetings always use port 443';
  if (text.endsWith('.')) return 'ends in a dot; remove the dot';
  if (/^\d+(\.\d+){3}$/.test(text))
    return 'is an IP address; a certificate needs a name, such as meet.example.org';
  if (/[^\x20-\x7e]/.test(text))
    return 'has non-ASCII letters; give its ASCII form, which starts with "xn--"';
  if (!text.includes('.')) return 'is a single word; give a full host name, such as meet.example.org';
  if (text.length > 64) return 'is longer than the 64 characters that a certificate allows';
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
    'How the DNS records are created. "route53" (default): by convoke, in the zone that is the domain without its first label. {zone: …}: by convoke, in this Route 53 zone. "manual": by you; "up" shows the records and waits until they resolve.',
  );

/** A family has a generation and optional attributes: `c7g`, `m7i-flex`, `mac2-m2`. */
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

/** `check` asks AWS whether the region offers the type. */
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
          form: 'the format is like c7g.large',
        },
      } satisfies Misspelt,
    });
  })
  // For editors; the check above has a better message.
  .meta({ pattern: INSTANCE_TYPE.source });

/**
 * Parameters of an issue about a word that is probably misspelt. The schema lists the valid words; `Suggest` finds
 * the nearest, so that the schema depends on zod only.
 */
export interface Misspelt {
  readonly spelling: {
    readonly word: string;
    readonly words: readonly string[];
    /** Text before the suggested word. */
    readonly before?: string;
    /** The hint if no valid word is near. */
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
  .describe('EC2 instances of shards.');

const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'is not a time of day such as "08:30"');

const wholeNumber = (least: number, most: number, because = '') =>
  z.int().min(least, `must be at least ${least}`).max(most, `must be at most ${most}${because}`);

/** Number of shards, from `least` on. */
export const shardCount = (least: number) =>
  wholeNumber(
    least,
    MOST_SHARDS,
    ', four in each zone, because every bridge sends its presence to every shard. Use a second deployment for more people',
  );

const BusyTime = z
  .strictObject({
    days: z
      .string()
      .regex(DAYS, 'must be days of the week such as "mon-fri" or "sat,sun"')
      .describe('Days of the week, such as "mon-fri" or "sat,sun".'),
    from: clock.describe('Time of day at which it starts, such as "08:30".'),
    until: clock.describe('Time of day at which it ends.'),
    min: wholeNumber(1, MOST_BRIDGES).describe('Minimum number of bridges in this time.'),
  })
  .describe('Hours with a higher minimum of bridges.');

export const Bridges = z
  .strictObject({
    min: wholeNumber(1, MOST_BRIDGES)
      .optional()
      .describe('Minimum number of bridges. Default: 2, so that one may fail.'),
    max: wholeNumber(1, MOST_BRIDGES)
      .optional()
      .describe('Maximum number of bridges. Default: 6 for team, 20 for fleet.'),
    types: z
      .array(instanceType)
      .min(1, 'must have at least one type')
      .max(10, 'must have at most 10 types')
      .optional()
      .describe(
        'EC2 instance types, in order of preference. Default: c7g.large (arm64) or c7i.large (amd64), or the previous generation in regions without them.',
      ),
    spot: wholeNumber(0, 100)
      .optional()
      .describe(
        'Percentage of bridges that are spot instances, a whole number: cheaper, but AWS may reclaim them at two minutes’ notice. Default: 0.',
      ),
    schedule: z
      .array(BusyTime)
      .max(20, 'must have at most 20 entries')
      .optional()
      .describe('Hours with a higher minimum of bridges.'),
    timezone: z
      .string()
      .transform(timeZone)
      .superRefine((name, context) => {
        if (isTimeZone(name)) return;
        context.addIssue({
          code: 'custom',
          message: 'is not a time zone',
          params: {
            spelling: { word: name, words: TIME_ZONES, form: 'the format is like Europe/Berlin' },
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
    z.strictObject({ release: ReleaseName }),
    z.strictObject({
      apt: repository.describe('URL of an apt repository.'),
      suite: suite.describe('Its suite, such as "stable/".'),
      key: z.string().describe('File with the armoured public key that signs it.'),
      release: ReleaseName.optional(),
    }),
    z.strictObject({
      directory: z
        .string()
        .min(1, 'is empty')
        .describe('Folder of .deb files, uploaded with the deployment.'),
    }),
  ])
  .describe(
    'Where Jitsi’s packages come from. Default: official, Jitsi’s own apt repository, with the newest release at the first “up”.',
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
    'A monthly budget. The alerts address gets mail when 80 % of it is spent, and when the forecast exceeds it.',
  );

/** AWS Budgets notifies no more mail addresses. */
const MOST_ADDRESSES = 10;

const isMailAddress = (text: string): boolean => MAIL_ADDRESS.test(text);

/** Why AWS cannot send mail to an address; undefined if it can. */
export const mailAddressComplaint = (text: string): string | undefined =>
  isMailAddress(text) ? undefined : (asciiComplaint(text) ?? 'is not a mail address');

/**
 * What of an address is not ASCII, if nothing else is wrong with it. AWS's mail service has no internationalized addresses
 * (RFC 6531), but domains can be written with Punycode (SES API, Destination).
 */
function asciiComplaint(text: string): string | undefined {
  const [mailbox = '', domain = ''] = text.split('@');
  const ascii = `${mailbox}@${domainToASCII(domain)}`;
  if (ascii !== text && isMailAddress(ascii)) return `must be written in ASCII for AWS: ${ascii}`;
  return isMailAddress(ascii.replaceAll(/\P{ASCII}/gu, 'x'))
    ? 'has non-ASCII letters before the @, to which AWS cannot send mail; use another address'
    : undefined;
}

const webhook = z.url({ protocol: /^https$/, hostname: z.regexes.domain });

/** Whether a text is an address to which alerts can be posted. Its lines are separated, so it is one line. */
const isWebhook = (text: string): boolean =>
  text.length <= 1000 && !/\s/.test(text) && webhook.safeParse(text).success;

/** The first address that a list has twice. Mail addresses that differ only in case are the same mailbox. */
export function repeated(addresses: readonly string[]): string | undefined {
  const same = addresses.map((one) => (isMailAddress(one) ? one.toLowerCase() : one));
  return addresses.find((_, index) => same.indexOf(same[index] ?? '') < index);
}

const Alerts = z
  .union([z.string(), z.array(z.string())])
  .superRefine((given, context) => {
    const complain = (message: string) => context.addIssue({ code: 'custom', message });
    if (typeof given === 'string') {
      if (isWebhook(given)) complain('needs at least one mail address: give a list of it and the webhook');
      else {
        const complaint = mailAddressComplaint(given);
        if (complaint) complain(complaint);
      }
      return;
    }
    for (const one of given)
      if (!isMailAddress(one) && !isWebhook(one))
        complain(
          `has "${one}", which ${asciiComplaint(one) ?? 'is neither a mail address nor an https address'}`,
        );
    if (given.every(isWebhook)) complain('needs at least one mail address');
    if (given.length > MOST_ADDRESSES) complain(`has more than ${MOST_ADDRESSES} addresses`);
    const twice = repeated(given);
    if (twice !== undefined) complain(`has ${twice} twice; remove one`);
  })
  .transform((given) => ({
    emails: [given].flat().filter(isMailAddress),
    webhooks: [given].flat().filter((one) => !isMailAddress(one)),
  }))
  .describe(
    'Recipients of alerts: a mail address, or a list of mail addresses and of https addresses of webhooks. AWS sends a confirmation request to each mail address first.',
  );

/** `convoke.yaml`, before defaults. */
export const ConvokeFile = z
  .strictObject({
    domain: hostName.describe('Host name of the meeting page, such as meet.example.org.'),
    region: z.string().describe('AWS region, such as eu-central-1.').meta({ enum: REGIONS }),
    alerts: Alerts,
    language: z
      .enum(LANGUAGES)
      .default('en')
      .describe('Language of alerts: "en" (default) or "de". The meeting page has meetings.language.'),
    diagnostics: z
      .enum(DIAGNOSTICS)
      .default('redacted')
      .describe(
        'What machines write to the deployment’s log group, where lines are kept for a week. "redacted" (default): warnings and errors, without names of rooms and participants. "full": everything that the daemons log, with these names.',
      ),
    name: deploymentName
      .optional()
      .describe(
        'Prefix of all resource names. Default: the domain, with hyphens for dots, truncated to 20 characters.',
      ),
    size: z
      .enum(['solo', 'team', 'fleet'])
      .optional()
      .describe(
        'Number of machines. "solo" (default): one shard with a co-located bridge, replaced when it fails. "team": 2 shards and 2 to 6 bridges; calls survive the loss of any machine. "fleet": a number of shards and bridges that you set.',
      ),
    shards: shardCount(2).optional().describe('Number of shards, for size fleet. Default: 2.'),
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
        'ARN of an existing ACM certificate in the same region. Default: convoke requests one, validated by a DNS record.',
      ),
    machines: Machines.prefault({}),
    packages: Packages.optional(),
    access: z
      .enum(['open', 'members'])
      .default('open')
      .describe(
        'Who may join meetings. "open" (default): everyone who knows the name of a room. "members": everyone with a signed link from "convoke invite".',
      ),
    meetings: Meetings.prefault({}),
    turn: z
      .enum(['on', 'off'], 'must be "on" or "off"')
      .optional()
      .describe(
        'Media over TLS for participants whose network blocks UDP, at turn.<domain>; needs a second load balancer. Default: on for team and fleet, off for solo. A certificate of your own must cover that name too.',
      ),
    budget: Budget.optional(),
    ssh: SshInFile.optional(),
  })
  .describe('Settings of a Jitsi Meet deployment on AWS.');

export type ConvokeFile = z.infer<typeof ConvokeFile>;
