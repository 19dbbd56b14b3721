import { type Cost, costOf, differenceAtRest, type Total } from '../capacity/cost.js';
import { articlesOf, BY_TURN_PERCENT, egressGb, type Usage } from '../capacity/quantities.js';
import { scheduledBridgeHours } from '../capacity/schedule.js';
import { type Shape, shapeOf } from '../capacity/shape.js';
import type { Account } from '../cloud/account.js';
import type { Deployment } from '../config/deployment.js';
import type { Diagnostics } from '../contract/log-lines.js';
import { STRESS_EVERY } from '../contract/metrics.js';
import { ROLE_TAG } from '../contract/tags.js';
import { type Prices, pricesOf } from './prices.js';
import { type Template, templates } from './synthesize.js';

/** Assumed meetings of a cost estimate. */
export interface Meetings {
  /** People in meetings at the same time. */
  readonly participants: number;
  /** Hours of meetings a month. */
  readonly hours: number;
  /** Megabits a second that each participant receives. */
  readonly megabits: number;
}

/**
 * One call of six people, two hours on each of twenty days. 2.5 Mbit/s is an assumption, not a measurement: one large
 * video, four small ones, and audio. A participant who only listens needs a twentieth.
 */
export const USUAL_MEETINGS: Meetings = { participants: 6, hours: 40, megabits: 2.5 };

/** No meetings. */
export const NO_MEETINGS: Meetings = { participants: 0, hours: 0, megabits: 0 };

/**
 * Participants that one bridge serves before another one is started. Videobridge's documented stress is 0.004 to
 * 0.005 per participant on four cores (200 to 250 participants); the machines here have two.
 */
export const PARTICIPANTS_PER_BRIDGE = 100;

/** Number of metrics that a shard publishes (node/agent/metrics); stress only with a co-located bridge. */
const SHARD_METRICS = { alone: 6, besideBridges: 5 };
/** Number of metrics that bridges publish; all bridges share them. */
const BRIDGE_METRICS = 3;
/** Number of metrics that recorders publish together, with those of shards about them. */
const RECORDER_METRICS = 2;
/**
 * Number of metrics that all machines share: disk, memory, security updates, and packet loss. Failures are published
 * only when they happen.
 */
const MACHINE_METRICS = 4;

/**
 * Gigabytes that a machine writes to the log group in an hour. `usual`, redacted: a rehearsal's machine writes 16 KB
 * at its launch and little afterwards, rounded up; full: an assumption. `most`: one daemon at its limit (`src/node/logs/allowance.ts`).
 */
const LOG_GB: Readonly<Record<Diagnostics, Usage['logGb']>> = {
  redacted: { usual: 0.0001, most: 0.001 },
  full: { usual: 0.005, most: 0.008 },
};

export interface CostResult extends Cost {
  readonly region: string;
  readonly assumptions: Meetings & {
    readonly participantsPerBridge: number;
    /** Percentage of participants assumed to need TURN; 0 if TURN is off. */
    readonly byTurnPercent: number;
    /** Gigabytes a month to the internet, including the free tier. */
    readonly egressGb: number;
  };
  readonly prices: Pick<Prices, 'from' | 'because'>;
}

export interface CostOptions {
  readonly deployment: Deployment;
  /** Account whose credentials query the price list. Unset: the snapshot that ships with convoke is used. */
  readonly account?: Account | undefined;
  readonly meetings?: Meetings;
}

/** The cost of a deployment at rest, and the difference to the deployed state. */
export interface RestCost {
  /** US dollars a month without meetings and without a schedule's bridges. */
  readonly wanted: Total;
  /** Undefined if nothing is deployed, or no account was given. */
  readonly deployed: Total | undefined;
  /**
   * Difference in US dollars; undefined if nothing is deployed, or if the two differ in items without a known price.
   */
  readonly difference: number | undefined;
  readonly prices: Pick<Prices, 'from' | 'because'>;
}

/** The cost at rest of the wanted template and of the deployed one. */
export async function restCost(
  region: string,
  wanted: Template,
  deployed: Template | undefined,
  account?: Account,
): Promise<RestCost> {
  const bills = [wanted, ...(deployed ? [deployed] : [])]
    .map((template) => shapeIn(template, region))
    .map((shape) => ({ shape, usage: usageOf(NO_MEETINGS, shape) }));
  const articles = bills.flatMap(({ shape, usage }) => articlesOf(shape, usage));
  const { book, ...prices } = await pricesOf(region, [...new Set(articles)], account);
  const [now, before] = bills.map(({ shape, usage }) => costOf(shape, usage, book));
  return {
    wanted: now?.totals.atRest ?? { usd: 0, unknown: [] },
    deployed: before?.totals.atRest,
    difference: now && before && differenceAtRest(now, before),
    prices,
  };
}

/** Estimates the monthly cost of a deployment. Reads only prices from the account. */
export async function cost({
  deployment,
  account,
  meetings = USUAL_MEETINGS,
}: CostOptions): Promise<CostResult> {
  const { region } = deployment;
  const shape = shapeIn(templates(deployment).deployment, region);
  const usage = usageOf(meetings, shape, deployment);
  const { book, ...prices } = await pricesOf(region, articlesOf(shape, usage), account);
  return {
    region,
    ...costOf(shape, usage, book),
    assumptions: {
      ...meetings,
      participantsPerBridge: usage.participantsPerBridge,
      byTurnPercent: deployment.turn ? BY_TURN_PERCENT : 0,
      egressGb: egressGb(usage),
    },
    prices,
  };
}

/** The billable resources of a template. */
export const shapeIn = (template: Template, region: string): Shape => shapeOf(template, region, ROLE_TAG);

/** The assumptions of an estimate. Without a deployment there is no schedule. */
export function usageOf(
  meetings: Meetings,
  shape: Shape,
  deployment?: Pick<Deployment, 'bridges' | 'diagnostics' | 'recording'>,
): Usage {
  const bridges = deployment?.bridges;
  const own = shape.groups.some(({ role }) => role === 'bridge')
    ? SHARD_METRICS.besideBridges
    : SHARD_METRICS.alone;
  return {
    ...meetings,
    participantsPerBridge: PARTICIPANTS_PER_BRIDGE,
    // Every meeting is recorded, and as many wait as are to be ready.
    recorders: deployment?.recording ? deployment.recording.ready + 1 : 0,
    published: {
      shard: { own, shared: 0, requestsAMinute: 1 },
      bridge: { own: 0, shared: BRIDGE_METRICS, requestsAMinute: 60 / STRESS_EVERY },
      recorder: { own: 0, shared: RECORDER_METRICS, requestsAMinute: 60 / STRESS_EVERY },
    },
    publishedTogether: MACHINE_METRICS,
    logGb: LOG_GB[deployment?.diagnostics ?? 'redacted'],
    scheduledBridgeHours: bridges ? scheduledBridgeHours(bridges.schedule, bridges.min) : 0,
  };
}
