import type { Article } from './prices/price.js';
import { type Group, onDemand, type Shape } from './shape.js';

/** A month as AWS's own calculator has it: a twelfth of 365 days. */
export const HOURS_A_MONTH = 730;

/**
 * What an account has free each month, for as long as it exists. It is taken off as if nothing else in the account used
 * it. Data: https://www.stormit.cloud/blog/aws-data-transfer-pricing-how-to-reduce-costs/; metrics, alarms and
 * requests: the bill in https://github.com/femiwiki/femiwiki/issues/228; log data: the bill in
 * https://github.com/hylang/hy/files/7528529/billing.pdf. As much is free of stored log data, of which there is less.
 * Dashboards: https://aws.amazon.com/cloudwatch/pricing/, and https://github.com/mlabouardy/komiser/pull/850.
 */
export const FREE = {
  egressGb: 100,
  metrics: 10,
  alarms: 10,
  /** Of at most {@link FREE_ON_DASHBOARD} metrics each. */
  dashboards: 3,
  metricRequests: 1_000_000,
  logGb: 5,
} as const;

/** Metrics of a dashboard that is free (https://aws.amazon.com/cloudwatch/pricing/). */
export const FREE_ON_DASHBOARD = 50;

/** What is assumed of meetings. */
export interface Usage {
  /** People in meetings at the same time. */
  readonly participants: number;
  /** Hours a month in which they are. */
  readonly hours: number;
  /** Megabits a second that reach each of them. */
  readonly megabits: number;
  /** People that one bridge serves; more bridges run while there are more people. */
  readonly participantsPerBridge: number;
  /** Recorders that run while people meet: those that record, and those that wait. */
  readonly recorders: number;
  /** What machines of each role publish. */
  readonly published: Readonly<Record<string, Published>>;
  /** Custom metrics that machines of all roles write together. */
  readonly publishedTogether: number;
  /** Gigabytes that each machine writes to the log group in an hour: usually, and if one of its daemons logs without end. */
  readonly logGb: { readonly usual: number; readonly most: number };
  /** Bridge-hours a month beyond the minimum that a schedule orders. */
  readonly scheduledBridgeHours: number;
}

/** What machines of one role tell CloudWatch. */
export interface Published {
  /** Custom metrics that each machine has of its own. */
  readonly own: number;
  /** Custom metrics that they write together. */
  readonly shared: number;
  readonly requestsAMinute: number;
}

/** `atRest`: nobody meets. `withMeetings`: as assumed. `atMost`: the same meetings, and all bridges the whole month. */
export type Case = 'atRest' | 'withMeetings' | 'atMost';
export const CASES: readonly Case[] = ['atRest', 'withMeetings', 'atMost'];

/** What is charged for in a month, in the article's unit. */
export interface Quantity {
  readonly name: string;
  readonly article: Article;
  readonly of: Readonly<Record<Case, number>>;
}

const byCase = (quantity: (which: Case) => number): Readonly<Record<Case, number>> => ({
  atRest: quantity('atRest'),
  withMeetings: quantity('withMeetings'),
  atMost: quantity('atMost'),
});

/** All that is counted, but data to the internet, which has no single price. */
export function quantities(shape: Shape, usage: Usage): Quantity[] {
  return [
    ...machines(shape, usage),
    ...besideMachines(shape, usage),
    ...balancers(shape, usage),
    ...watching(shape, usage),
  ];
}

/** What a bill of this shape asks the price of. */
export function articlesOf(shape: Shape, usage: Usage): Article[] {
  const wanted = quantities(shape, usage).filter(({ of }) => CASES.some((which) => of[which] > 0));
  return [...new Set(wanted.map(({ article }) => article))];
}

function machines({ groups }: Shape, usage: Usage): Quantity[] {
  const kinds = new Map<string, Quantity>();
  for (const group of groups) {
    for (const kind of ['onDemand', 'spot'] as const) {
      const spot = kind === 'spot';
      const name = `${group.role}s, ${group.type}${spot ? ', spot' : ''}`;
      const before = kinds.get(name);
      kinds.set(name, {
        name,
        article: `${spot ? 'spot machine' : 'machine'} ${group.type}`,
        of: byCase((which) => (before?.of[which] ?? 0) + machineHours(group, usage, which)[kind]),
      });
    }
  }
  return [...kinds.values()];
}

/** Hours that machines of a group run in a month. */
function machineHours(group: Group, usage: Usage, which: Case): { onDemand: number; spot: number } {
  const always = which === 'atMost' ? group.max : group.min;
  const alwaysOnDemand = onDemand(group, always);
  const beyond = which === 'atMost' ? 0 : hoursBeyondMinimum(group, usage, which);
  // Of the bridges that come and go, the part that the group keeps on demand.
  const share =
    (onDemand(group, group.max) - onDemand(group, group.min)) / Math.max(1, group.max - group.min);
  return {
    onDemand: alwaysOnDemand * group.hoursAMonth + beyond * share,
    spot: (always - alwaysOnDemand) * group.hoursAMonth + beyond * (1 - share),
  };
}

/** The schedule starts bridges before people come, so the larger of the two counts, not the sum. */
function hoursBeyondMinimum({ role, min, max }: Group, usage: Usage, which: Case): number {
  if (role === 'recorder') return which === 'atRest' ? 0 : Math.min(max, usage.recorders) * usage.hours;
  if (role !== 'bridge') return 0;
  if (which === 'atRest') return usage.scheduledBridgeHours;
  const needed = Math.ceil(usage.participants / usage.participantsPerBridge);
  const running = Math.min(max, Math.max(min, needed));
  return Math.max(usage.scheduledBridgeHours, (running - min) * usage.hours);
}

function allHours(group: Group, usage: Usage, which: Case): number {
  const hours = machineHours(group, usage, which);
  return hours.onDemand + hours.spot;
}

/** What each machine has: a disk and an address. A load balancer has an address in each zone. */
function besideMachines({ groups, balancers }: Shape, usage: Usage): Quantity[] {
  const zones = sum(balancers, (balancer) => balancer.zones);
  return [
    {
      name: 'disks, gp3',
      article: 'disk',
      of: byCase((which) => sum(groups, (g) => (g.diskGb * allHours(g, usage, which)) / HOURS_A_MONTH)),
    },
    {
      name: 'public IPv4 addresses',
      article: 'public IPv4 address',
      of: byCase((which) => sum(groups, (g) => allHours(g, usage, which)) + zones * HOURS_A_MONTH),
    },
  ];
}

/**
 * Gigabytes of page and signalling that go through the load balancer in an hour of one participant. An assumption: the
 * page once, about 10 MB, and little after it.
 */
const WEB_GB = 0.01;
/**
 * What one capacity unit of an application load balancer holds: connections at a time, or gigabytes an hour, whichever
 * is used up first (https://aws.amazon.com/elasticloadbalancing/pricing/).
 */
const UNIT = { connections: 3000, gb: 1 };

/**
 * Of a hundred participants, how many have their media over TURN because their network lets no UDP out. An assumption.
 * Their data to the internet is the same as everybody's, by another way.
 */
export const BY_TURN_PERCENT = 5;
/** The same of a network load balancer that ends TLS. What participants send is left out; they receive most of it. */
const TLS_UNIT = { connections: 3000, gb: 1 };

function balancers(shape: Shape, usage: Usage): Quantity[] {
  const count = (kind: 'application' | 'network') =>
    shape.balancers.filter((balancer) => balancer.kind === kind).length;
  const participantHours = usage.participants * usage.hours;
  const unitHours = participantHours * Math.max(1 / UNIT.connections, WEB_GB / UNIT.gb);
  const relayedUnitHours =
    ((participantHours * BY_TURN_PERCENT) / 100) *
    Math.max(1 / TLS_UNIT.connections, mediaGb(usage.megabits) / TLS_UNIT.gb);
  return [
    {
      name: 'application load balancer',
      article: 'application load balancer',
      of: byCase(() => count('application') * HOURS_A_MONTH),
    },
    {
      name: 'its capacity',
      article: 'application load balancer capacity',
      of: byCase((which) => (which === 'atRest' || count('application') === 0 ? 0 : unitHours)),
    },
    {
      name: 'network load balancer, for TURN',
      article: 'network load balancer',
      of: byCase(() => count('network') * HOURS_A_MONTH),
    },
    {
      name: 'capacity for TURN',
      article: 'network load balancer capacity',
      of: byCase((which) => (which === 'atRest' || count('network') === 0 ? 0 : relayedUnitHours)),
    },
  ];
}

const SILENT: Published = { own: 0, shared: 0, requestsAMinute: 0 };

/** CloudWatch, and the secrets that passwords come from. */
function watching({ groups, alarms, dashboards, secrets }: Shape, usage: Usage): Quantity[] {
  const published = ({ role }: Group) => usage.published[role] ?? SILENT;
  const metrics = (which: Case) =>
    usage.publishedTogether +
    sum(
      groups,
      (group) =>
        published(group).shared + (published(group).own * allHours(group, usage, which)) / HOURS_A_MONTH,
    );
  const requests = (which: Case) =>
    sum(groups, (group) => 60 * published(group).requestsAMinute * allHours(group, usage, which));
  const logGb = (which: Case) =>
    sum(groups, (group) => allHours(group, usage, which)) *
    (which === 'atMost' ? usage.logGb.most : usage.logGb.usual);
  const beyond = (quantity: number, free: number) => Math.max(0, quantity - free);
  return [
    {
      name: 'custom metrics',
      article: 'custom metric',
      of: byCase((which) => beyond(metrics(which), FREE.metrics)),
    },
    {
      name: 'metric requests',
      article: 'metric requests',
      of: byCase((which) => beyond(requests(which), FREE.metricRequests) / 1000),
    },
    { name: 'alarms', article: 'alarm', of: byCase(() => beyond(alarms.standard, FREE.alarms)) },
    {
      name: 'alarms of high resolution',
      article: 'high-resolution alarm',
      of: byCase(() => alarms.highResolution),
    },
    { name: 'composite alarms', article: 'composite alarm', of: byCase(() => alarms.composite) },
    {
      name: 'dashboards',
      article: 'dashboard',
      of: byCase(() => beyond(dashboards, FREE.dashboards)),
    },
    {
      name: 'log data',
      article: 'log data',
      of: byCase((which) => beyond(logGb(which), FREE.logGb)),
    },
    { name: 'secrets', article: 'secret', of: byCase(() => secrets) },
  ];
}

/** Gigabytes a month that leave for the internet: media from the bridges or by TURN, pages and signalling from the load balancer. */
export function egressGb({
  participants,
  hours,
  megabits,
}: Pick<Usage, 'participants' | 'hours' | 'megabits'>): number {
  return participants * hours * (mediaGb(megabits) + WEB_GB);
}

/** Gigabytes an hour. */
const mediaGb = (megabits: number): number => (megabits / 8 / 1000) * 3600;

export const sum = <T>(things: readonly T[], amount: (thing: T) => number): number =>
  things.reduce((total, thing) => total + amount(thing), 0);
