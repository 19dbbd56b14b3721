import { type Cost, costOf, differenceAtRest, type Total } from '../capacity/cost.js';
import { articlesOf, BY_TURN_PERCENT, egressGb, type Usage } from '../capacity/quantities.js';
import { scheduledBridgeHours } from '../capacity/schedule.js';
import { type Shape, shapeOf } from '../capacity/shape.js';
import type { Account } from '../cloud/account.js';
import type { Deployment } from '../config/deployment.js';
import { STRESS_EVERY } from '../contract/metrics.js';
import { ROLE_TAG } from '../contract/tags.js';
import { type Prices, pricesOf } from './prices.js';
import { type Template, templates } from './synthesize.js';

/** Meetings that a price is wanted for. */
export interface Meetings {
  /** People in meetings at the same time. */
  readonly participants: number;
  /** Hours a month in which they are. */
  readonly hours: number;
  /** Megabits a second that reach each of them. */
  readonly megabits: number;
}

/**
 * One call of six people, two hours on each of twenty days. 2.5 Mbit/s is an assumption, not a measurement: one person
 * in a large picture, four in small ones, and sound. Who only listens needs a twentieth.
 */
export const USUAL_MEETINGS: Meetings = { participants: 6, hours: 40, megabits: 2.5 };

/** Nobody meets. */
export const NO_MEETINGS: Meetings = { participants: 0, hours: 0, megabits: 0 };

/**
 * People that one bridge serves before another is started. Videobridge's own metrics are a stress of 0.004 to 0.005 a
 * participant on four cores (200 to 250 people); the machines here have two.
 */
export const PARTICIPANTS_PER_BRIDGE = 100;

/** How many metrics node/agent/metrics.ts has of a shard, each with its own name; stress only where the bridge is on board. */
const SHARD_FIGURES = { alone: 6, besideBridges: 5 };
/** How many it has of bridges, which write them under one name. */
const BRIDGE_FIGURES = 3;

export interface CostResult extends Cost {
  readonly region: string;
  readonly assumptions: Meetings & {
    readonly participantsPerBridge: number;
    /** Of a hundred participants, how many are assumed to need TURN; 0 where there is none. */
    readonly byTurnPercent: number;
    /** Gigabytes a month to the internet, before what is free. */
    readonly egressGb: number;
  };
  readonly prices: Pick<Prices, 'from' | 'because'>;
}

export interface CostOptions {
  readonly deployment: Deployment;
  /** Whose price list is asked. Unset: the snapshot that convoke brings along. */
  readonly account?: Account | undefined;
  readonly meetings?: Meetings;
}

/** What a deployment costs at rest, and how that differs from what is deployed. */
export interface RestCost {
  /** US dollars a month when nobody meets, without a schedule's bridges. */
  readonly wanted: Total;
  /** Undefined: nothing is deployed, or the account was not asked. */
  readonly deployed: Total | undefined;
  /** How many dollars more; undefined where nothing is deployed, or the two differ in what nobody says the price of. */
  readonly difference: number | undefined;
  readonly prices: Pick<Prices, 'from' | 'because'>;
}

/** The price at rest of the template that is wanted, and of the one that is deployed. */
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

/** What the file's deployment costs a month. Reads nothing of the account but prices, and changes nothing. */
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

/** What of a template is charged for. */
export const shapeIn = (template: Template, region: string): Shape => shapeOf(template, region, ROLE_TAG);

/** The assumptions of a price. Without a deployment, no schedule is known. */
export function usageOf(meetings: Meetings, shape: Shape, deployment?: Pick<Deployment, 'bridges'>): Usage {
  const bridges = deployment?.bridges;
  const own = shape.groups.some(({ role }) => role === 'bridge')
    ? SHARD_FIGURES.besideBridges
    : SHARD_FIGURES.alone;
  return {
    ...meetings,
    participantsPerBridge: PARTICIPANTS_PER_BRIDGE,
    published: {
      shard: { own, shared: 0, requestsAMinute: 1 },
      bridge: { own: 0, shared: BRIDGE_FIGURES, requestsAMinute: 60 / STRESS_EVERY },
    },
    scheduledBridgeHours: bridges ? scheduledBridgeHours(bridges.schedule, bridges.min) : 0,
  };
}
