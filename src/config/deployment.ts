import type { MeetingSettings } from '../contract/meetings.js';
import type { LogoType } from './logo.js';

/**
 * What a person asked for, after defaults: the vocabulary that every layer shares.
 * `load.ts` makes one from `convoke.yaml`; nothing else does.
 */
export interface Deployment {
  /** Prefix of everything made, and the value of the `convoke:deployment` tag. Lower-case letters, digits, hyphens; 20 at most. */
  readonly name: string;
  /** The host name of the meeting page, for example `meet.example.org`. */
  readonly domain: string;
  /** AWS region, for example `eu-central-1`. */
  readonly region: string;
  /** Where mail goes when something breaks. */
  readonly alerts: string;
  /** How many machines of which kind. `solo`: one shard with a co-located bridge. `team`, `fleet`: shards, and a group of bridges. */
  readonly size: Size;
  /** How many shards (signalling shards). */
  readonly shards: number;
  /** The group of bridges that all shards share; undefined where the bridge is on board of the only shard. */
  readonly bridges?: Bridges;
  readonly dns: Dns;
  /** ARN of a certificate of one's own in the same region. Unset: convoke has one issued, by a record in DNS. */
  readonly certificate?: string;
  readonly machines: Machines;
  readonly packages: PackageSource;
  /** Who may meet. */
  readonly access: Access;
  readonly meetings: Meetings;
  /** Whether people whose network lets no UDP out get their media over TLS, by way of the shards. */
  readonly turn: boolean;
  /** What it should cost at the most; undefined: nobody is told. */
  readonly budget?: Budget;
  /** Who may log in to machines by SSH; undefined: nobody. */
  readonly ssh?: Ssh;
}

/** `open`: everybody who knows the name of a room. `members`: who has a signed link to it. */
export type Access = 'open' | 'members';

/** What the page of meetings looks like and does. */
export interface Meetings extends MeetingSettings {
  /** A picture on this machine, uploaded with the deployment. */
  readonly logo?: Logo;
}

export interface Logo {
  readonly path: string;
  readonly type: LogoType;
}

/** A limit that somebody is told about; nothing is stopped by it. */
export interface Budget {
  /** US dollars a month. */
  readonly monthly: number;
}

/** A door that is closed unless somebody insists. */
export interface Ssh {
  /** Name of an EC2 key pair in the region. */
  readonly key: string;
  /** Ranges of addresses (CIDR) that may come in, and what they are called. At least one. */
  readonly from: readonly { readonly name: string; readonly range: string }[];
}

/** Who writes the DNS records: convoke, in the Route 53 zone named, or the person. */
export type Dns = { readonly kind: 'route53'; readonly zone: string } | { readonly kind: 'manual' };

export interface Machines {
  readonly architecture: Architecture;
  /** EC2 instance type of a shard. */
  readonly shard: string;
}

export type Architecture = 'arm64' | 'amd64';

export type Size = 'solo' | 'team' | 'fleet';

/** The group of bridges: it grows and shrinks with the load between two sizes. */
export interface Bridges {
  /** Never fewer; at least 1. */
  readonly min: number;
  /** Never more. */
  readonly max: number;
  /** EC2 instance types that will do, the preferred first. */
  readonly types: readonly string[];
  /** Percentage of the bridges that are spot machines, which AWS may take back at two minutes' notice. 0 to 100. */
  readonly spot: number;
  /** Times of the week with a higher minimum. */
  readonly schedule: readonly BusyTime[];
  /** Canonical IANA name of the time zone that the schedule is in, or `UTC`. */
  readonly timezone: string;
}

/** Hours on some days of the week in which at least so many bridges run. */
export interface BusyTime {
  /** Days as cron has them: `MON-FRI`, `SAT,SUN`. */
  readonly days: string;
  /** `HH:MM` at which the higher minimum begins. */
  readonly from: string;
  /** `HH:MM` at which it ends. Then bridges leave as they get idle. */
  readonly until: string;
  readonly min: number;
}

/**
 * Where Jitsi's packages come from. Debian's own always come from Debian. `release` is a version of the package
 * `jitsi-meet`, which depends on exact versions of the others; without it a machine takes what is newest when it starts.
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
