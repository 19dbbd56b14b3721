import type { Access } from '../contract/access.js';
import type { Language } from '../contract/alerts.js';
import type { Diagnostics } from '../contract/log-lines.js';
import type { LoginSettings } from '../contract/login.js';
import type { MeetingSettings } from '../contract/meetings.js';
import type { RecordedBy } from '../contract/recording.js';
import type { Hours } from './hours.js';
import type { LogoType } from './logo.js';
import type { PrometheusAccess } from './prometheus.js';

/**
 * The settings of a deployment, with defaults applied, as every layer uses them. `load.ts` creates it from
 * `convoke.yaml`.
 */
export interface Deployment {
  /**
   * Prefix of all resource names, and the value of the `convoke:deployment` tag. At most 20 lower-case letters,
   * digits and hyphens.
   */
  readonly name: string;
  /** The host name of the meeting page, for example `meet.example.org`. */
  readonly domain: string;
  /** AWS region, for example `eu-central-1`. */
  readonly region: string;
  /** Recipients of alerts. */
  readonly alerts: Alerts;
  /** Language of alerts. */
  readonly language: Language;
  /** What machines write to the deployment's log group. */
  readonly diagnostics: Diagnostics;
  /**
   * Number and roles of machines. `solo`: one shard with a co-located bridge. `team`, `fleet`: shards, and a group of
   * bridges.
   */
  readonly size: Size;
  /** Number of shards. */
  readonly shards: number;
  /** The group of bridges that all shards share; undefined if the only shard has a co-located bridge. */
  readonly bridges?: Bridges;
  readonly dns: Dns;
  /** ARN of an existing ACM certificate in the same region. Unset: convoke requests one, validated by DNS. */
  readonly certificate?: string;
  readonly machines: Machines;
  readonly packages: PackageSource;
  /** What machines start from: an image with everything installed, which convoke makes, or Debian's. */
  readonly image: 'baked' | 'debian';
  /** When the deployment is open; undefined: always. */
  readonly hours?: Hours;
  /** Who may join meetings. */
  readonly access: Access;
  /** Where hosts sign in; undefined unless `access` is `hosts`. */
  readonly login?: LoginSettings;
  readonly meetings: Meetings;
  /** Recording and streaming; undefined: there are no recorders. */
  readonly recording?: Recording;
  /** Whether participants whose network blocks UDP get their media over TLS, relayed by the shards. */
  readonly turn: boolean;
  /** Whether there is a CloudWatch dashboard of the deployment. */
  readonly dashboard: boolean;
  /** Whether Session Manager can open a shell on machines. */
  readonly shell: boolean;
  /** Monthly cost limit for alerts; undefined: no alert. */
  readonly budget?: Budget;
  /** Which networks may read metrics for Prometheus; undefined: none. */
  readonly prometheus?: PrometheusAccess;
  /** Who may log in to machines by SSH; undefined: no one. */
  readonly ssh?: Ssh;
}

export interface Alerts {
  /** Mail addresses. At least one. */
  readonly emails: readonly string[];
  /** `https` addresses to which alerts are posted as JSON. */
  readonly webhooks: readonly string[];
}

export type { Access } from '../contract/access.js';

/** Appearance and behaviour of the meeting page. */
export interface Meetings extends MeetingSettings {
  /** An image file on this machine, uploaded with the deployment. */
  readonly logo?: Logo;
}

export interface Logo {
  readonly path: string;
  readonly type: LogoType;
}

/** A cost limit that only sends mail; nothing is stopped. */
export interface Budget {
  /** US dollars a month. */
  readonly monthly: number;
}

/** SSH access, which is off by default. */
export interface Ssh {
  /** Name of an EC2 key pair in the region. */
  readonly key: string;
  /** Allowed address ranges (CIDR) and their names. At least one. */
  readonly from: readonly { readonly name: string; readonly range: string }[];
}

/** How the DNS records are created: by convoke in the Route 53 zone, or by the user. */
export type Dns = { readonly kind: 'route53'; readonly zone: string } | { readonly kind: 'manual' };

export interface Machines {
  readonly architecture: Architecture;
  /** EC2 instance type of a shard. */
  readonly shard: string;
}

export type Architecture = 'arm64' | 'amd64';

export type Size = 'solo' | 'team' | 'fleet';

/** The Auto Scaling group of bridges. */
export interface Bridges {
  /** Minimum number of bridges; at least 1. */
  readonly min: number;
  /** Maximum number of bridges. */
  readonly max: number;
  /** EC2 instance types, in order of preference. */
  readonly types: readonly string[];
  /** Percentage of bridges that are spot instances, which AWS may reclaim at two minutes' notice. 0 to 100. */
  readonly spot: number;
  /** Times of the week with a higher minimum. */
  readonly schedule: readonly BusyTime[];
  /** Canonical IANA name of the time zone that the schedule is in, or `UTC`. */
  readonly timezone: string;
}

/** The Auto Scaling group of recorders. */
export interface Recording {
  /** Maximum number of recorders. */
  readonly max: number;
  /** Number of idle recorders while anybody is in a meeting. */
  readonly ready: number;
  /** Days after which recordings are deleted; undefined: never. */
  readonly keepDays?: number;
  /** Who may record and stream. */
  readonly who: RecordedBy;
  /** EC2 instance type. */
  readonly type: string;
}

/** Hours on some days of the week with a higher minimum of bridges. */
export interface BusyTime {
  /** Days in cron's notation: `MON-FRI`, `SAT,SUN`. */
  readonly days: string;
  /** `HH:MM` at which the higher minimum begins. */
  readonly from: string;
  /** `HH:MM` at which it ends. Bridges are then removed as they become idle. */
  readonly until: string;
  readonly min: number;
}

/**
 * Where Jitsi's packages come from. Debian's own packages always come from Debian. `release` is a version of the
 * package `jitsi-meet`, which depends on exact versions of the others; without it the first `up` takes the newest.
 */
export type PackageSource =
  /** Jitsi's own apt repository, the stable suite. */
  | { readonly kind: 'official'; readonly release?: string }
  /** Another apt repository, such as a mirror. `key` is the armoured public key that signs it. */
  | {
      readonly kind: 'apt';
      readonly url: string;
      readonly suite: string;
      readonly key: string;
      readonly release?: string;
    }
  /** A folder of `.deb` files on this machine, uploaded with the deployment. */
  | { readonly kind: 'directory'; readonly path: string };

/** Whether convoke requests the certificate and the user adds its validation records. */
export const isProvenManually = ({ dns, certificate }: Pick<Deployment, 'dns' | 'certificate'>): boolean =>
  dns.kind === 'manual' && !certificate;
