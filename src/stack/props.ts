import type {
  aws_certificatemanager as acm,
  aws_ec2 as ec2,
  aws_route53 as route53,
  aws_s3 as s3,
  aws_secretsmanager as secrets,
  aws_sns as sns,
} from 'aws-cdk-lib';
import type { z } from 'zod';
import type { Access, Architecture, PackageSource, Ssh } from '../config/deployment.js';
import type { Hours } from '../config/hours.js';
import type { PrometheusAccess } from '../config/prometheus.js';
import type { Bridges, ConvokeFile } from '../config/schema.js';
import type { Language } from '../contract/alerts.js';
import type { Diagnostics } from '../contract/log-lines.js';
import type { Release } from '../contract/release.js';

/** The same settings, which the construct does not change. */
type Unchanged<T> = T extends object ? { readonly [K in keyof T]: Unchanged<T[K]> } : T;

/** The appearance and behaviour of the meeting page, as `meetings` of `convoke.yaml`: every setting has a default. */
export type MeetingsWanted = Unchanged<NonNullable<z.input<typeof ConvokeFile>['meetings']>>;

/** Where hosts sign in, as `login` of `convoke.yaml`. */
export type LoginWanted = Unchanged<NonNullable<z.input<typeof ConvokeFile>['login']>>;

/** Recording and streaming, as `recording` of `convoke.yaml`. */
export type RecordingWanted = Unchanged<NonNullable<z.input<typeof ConvokeFile>['recording']>>;

/** The group of bridges, as `bridges` of `convoke.yaml`: every setting has a default. */
export type BridgesWanted = Unchanged<z.input<typeof Bridges>>;

export interface JitsiMeetProps {
  /**
   * Prefix of every name, and value of the tag on every resource. It starts with a letter and has lower-case letters,
   * digits and single hyphens, at most 20 characters.
   */
  readonly name: string;
  /** Host name of the meeting page, for example `meet.example.org`; at most 64 characters. */
  readonly domain: string;
  /**
   * VPC for the machines and load balancers. It needs public subnets, with a route to an internet gateway, in at least two
   * availability zones; the first of each zone is used. Machines get public addresses, as participants send media to them
   * directly. It cannot be changed later. @default - a VPC of its own with a public subnet in each of two zones
   */
  readonly vpc?: ec2.IVpc;
  /**
   * Two availability zones for a VPC that is created; not together with `vpc`. They cannot be changed later.
   * @default - the first two that CloudFormation names
   */
  readonly zones?: readonly [string, string];
  /**
   * Mail address, or several, that are notified when something fails, and when all is well again. AWS asks each once to
   * confirm.
   */
  readonly alerts?: string | readonly string[];
  /**
   * Secret with addresses of webhooks, one on each line, that get the same messages as JSON: `{ "text": "…" }`.
   * @default - none
   */
  readonly webhooks?: secrets.ISecret;
  /** Language of alerts: `en` or `de`. @default 'en' */
  readonly language?: Language;
  /**
   * SNS topic that alerts are published to, with subject and text. Addresses in `alerts` are subscribed to it. The policy
   * of a topic that is imported has to let `cloudwatch.amazonaws.com` publish, for alarms about the alerts themselves; of
   * one in the app the construct adds that. @default - a topic is created
   */
  readonly alarmTopic?: sns.ITopic;
  /** Hosted zone that contains the domain. @default - you point the domain at `ingress.balancer` and give a `certificate` */
  readonly zone?: route53.IHostedZone;
  /** Certificate for the domain, in the stack's region. @default - created, and validated in `zone` */
  readonly certificate?: acm.ICertificate;
  /** Processor architecture of all machines. @default 'arm64' */
  readonly architecture?: Architecture;
  /** Image of all machines: Debian 13, with or without the packages installed. @default - Debian's newest image */
  readonly image?: ec2.IMachineImage;
  /**
   * Whether to create the launch template of the machine that a machine image is made from, which "convoke up" launches. It
   * needs a `release`. @default false
   */
  readonly imageBuilder?: boolean;
  /** Instance type of a shard. @default - `t4g.medium`, or `t3.medium` with `architecture: 'amd64'` */
  readonly shardType?: string;
  /** Number of shards (signalling shards), 1 to 8. More than one requires `bridges`. @default 1 */
  readonly shardCount?: number;
  /**
   * The group of bridges that the shards share. `{}` is a group with every default: 2 to 6 bridges, or 2 to 20 where there
   * are more than two shards. @default - none: one bridge on the machine of the only shard
   */
  readonly bridges?: BridgesWanted;
  /** Where Jitsi's packages come from. @default - Jitsi's own apt repository, `{ kind: 'official' }` */
  readonly packages?: PackageSource;
  /**
   * The exact version of each of Jitsi's packages, so that all machines install the same, whenever they start.
   * @default - the versions of the release that `packages` names, or the newest when a machine starts
   */
  readonly release?: Release;
  /**
   * Who may join meetings: everybody (`open`), only users with a signed link (`members`), or everybody once a host who
   * signed in has started the meeting (`hosts`). @default 'open'
   */
  readonly access?: Access;
  /** Where hosts sign in, as `login` of `convoke.yaml`. Only with `access: 'hosts'`. @default - none */
  readonly login?: LoginWanted;
  /**
   * The appearance and behaviour of the meeting page. `logo` is the path of a file. @default - Jitsi's own appearance
   */
  readonly meetings?: MeetingsWanted;
  /**
   * Recording and streaming, as `recording` of `convoke.yaml`: the group of recorders, and how long recordings are kept.
   * @default - none
   */
  readonly recording?: RecordingWanted;
  /**
   * Bucket for recordings. The construct only lets recorders write to it; how long recordings are kept is then up to the bucket.
   * @default - one is created, which stays when the stack is deleted
   */
  readonly recordingsBucket?: s3.IBucket;
  /**
   * Media over TLS, at `turn.<domain>`, for participants whose network blocks UDP. It has its own network load
   * balancer, and a `certificate` that you give has to cover that name, too. @default - enabled if there are
   * `bridges`
   */
  readonly turn?: boolean;
  /** Whether there is a CloudWatch dashboard. Three are free in each account. @default true */
  readonly dashboard?: boolean;
  /** When machines run and the page is open. @default - always */
  readonly hours?: Hours;
  /** Whether machines run the agent of AWS Systems Manager, so that Session Manager can open a shell on them. @default false */
  readonly shell?: boolean;
  /**
   * US dollars per month; `alerts` is notified when 80 % is spent, and when the forecast exceeds all of it. @default
   * - no budget
   */
  readonly monthlyBudget?: number;
  /**
   * What machines write to the log group: warnings and errors without names of rooms and participants (`redacted`), or
   * everything that the daemons log (`full`). @default 'redacted'
   */
  readonly diagnostics?: Diagnostics;
  /** Which networks may read metrics for Prometheus. @default - none */
  readonly prometheus?: PrometheusAccess;
  /** Who may log in to machines by SSH. @default - nobody */
  readonly ssh?: Ssh;
}
