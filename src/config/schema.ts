import { z } from 'zod';
import { ACCESS } from '../contract/access.js';
import { LANGUAGES } from '../contract/alerts.js';
import { deploymentName } from '../contract/deployment-name.js';
import { DIAGNOSTICS } from '../contract/log-lines.js';
import { LoginSettings } from '../contract/login.js';
import { Meetings } from '../contract/meetings.js';
import { ReleaseName, repository, suite } from '../contract/package-source.js';
import { Alerts } from './alert-addresses.js';
import { hostName } from './host-name.js';
import { instanceType } from './instance-type.js';
import { PrometheusInFile } from './prometheus.js';
import { RecordingInFile } from './recording.js';
import { REGIONS } from './regions.js';
import type { Misspelt } from './spelling.js';
import { SshInFile } from './ssh.js';
import { isTimeZone, TIME_ZONES, timeZone } from './time-zones.js';

/**
 * Each shard is a Prosody on one core, which serves thousands of participants, and every bridge sends its presence to
 * each shard. More shards are better split into several deployments.
 */
const MOST_SHARDS = 8;
/** Every bridge sends its presence to every shard. With 200 participants a bridge, this is enough for 20 000. */
const MOST_BRIDGES = 100;

const DAY = '(mon|tue|wed|thu|fri|sat|sun)';
const DAYS = new RegExp(`^(${DAY}(-${DAY})?)(,${DAY}(-${DAY})?)*$`, 'i');

const Dns = z
  .union([
    z.enum(['route53', 'manual']),
    z.strictObject({ zone: hostName.describe('Name of a Route 53 zone of the account.') }),
  ])
  .describe(
    'How the DNS records are created. "route53" (default): by convoke, in the zone that is the domain without its first label. {zone: …}: by convoke, in this Route 53 zone. "manual": by you; "up" shows the records and waits until they resolve.',
  );

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

const days = z
  .string()
  .regex(DAYS, 'must be days of the week such as "mon-fri" or "sat,sun"')
  .describe('Days of the week, such as "mon-fri" or "sat,sun".');

const timeZoneName = z
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
  });

const BusyTime = z
  .strictObject({
    days,
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
    timezone: timeZoneName
      .optional()
      .describe('Time zone of the schedule, such as Europe/Berlin. Default: UTC.'),
  })
  .describe('The group of bridges that all shards share. For size team and fleet.');

const OpenHours = z
  .strictObject({
    open: z
      .array(
        z.strictObject({
          days,
          from: clock.describe('Time of day at which the page opens, such as "07:30".'),
          until: clock.describe('Time of day at which it closes.'),
        }),
      )
      .min(1, 'has no time at which it is open')
      .max(20, 'must have at most 20 entries')
      .describe('Times of the week at which the page is open.'),
    timezone: timeZoneName
      .optional()
      .describe('Time zone of these times, such as Europe/Berlin. Default: UTC.'),
  })
  .describe(
    'When the deployment is open. At other times no machine runs, and the page says when it opens. Default: always.',
  );

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
    hours: OpenHours.optional(),
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
    image: z
      .enum(['baked', 'debian'], 'must be "baked" or "debian"')
      .default('baked')
      .describe(
        'What machines start from. "baked" (default): a machine image with everything installed, which "up" and "upgrade" make. "debian": Debian’s image; every machine installs its packages when it starts.',
      ),
    access: z
      .enum(ACCESS)
      .default('open')
      .describe(
        'Who may join meetings. "open" (default): everyone who knows the name of a room. "members": everyone with a signed link from "convoke invite". "hosts": hosts sign in and start meetings, guests wait for them; needs "login".',
      ),
    login: LoginSettings.optional(),
    meetings: Meetings.prefault({}),
    recording: RecordingInFile.optional(),
    turn: z
      .enum(['on', 'off'], 'must be "on" or "off"')
      .optional()
      .describe(
        'Media over TLS for participants whose network blocks UDP, at turn.<domain>; needs a second load balancer. Default: on for team and fleet, off for solo. A certificate of your own must cover that name too.',
      ),
    dashboard: z
      .enum(['on', 'off'], 'must be "on" or "off"')
      .default('on')
      .describe(
        'Whether the deployment has a CloudWatch dashboard. Default: on. Three dashboards are free in each account.',
      ),
    budget: Budget.optional(),
    shell: z
      .enum(['on', 'off'], 'must be "on" or "off"')
      .default('off')
      .describe(
        'Whether "convoke shell" opens a shell on machines. Default: off. "on": machines run the agent of AWS Systems Manager, which only opens connections to AWS; no port is open.',
      ),
    prometheus: PrometheusInFile.optional(),
    ssh: SshInFile.optional(),
  })
  .describe('Settings of a Jitsi Meet deployment on AWS.');

export type ConvokeFile = z.infer<typeof ConvokeFile>;
