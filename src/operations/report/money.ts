import { costOf, egressCost, type Total } from '../../capacity/cost.js';
import type { PriceBook } from '../../capacity/prices/price.js';
import { articlesOf, FREE, HOURS_A_MONTH, type Usage } from '../../capacity/quantities.js';
import type { Shape } from '../../capacity/shape.js';
import { usageOf } from '../cost.js';
import type { Figures } from './figures.js';

/** What a period of time cost. */
export interface Money extends Total {
  /** By item; undefined: its price is not known. */
  readonly items: readonly { readonly name: string; readonly usd: number | undefined }[];
}

/** A month in which everything is used as in a period of `hours`. */
export function usageLike(shape: Shape, { personHours, bridgeHours }: Figures, hours: number): Usage {
  const least = shape.groups.filter(({ role }) => role === 'bridge').reduce((sum, { min }) => sum + min, 0);
  return {
    ...usageOf({ participants: personHours / hours, hours: HOURS_A_MONTH, megabits: 0 }, shape),
    // The number of bridges is known, so none are added for people.
    participantsPerBridge: Number.POSITIVE_INFINITY,
    scheduledBridgeHours: (Math.max(0, bridgeHours - least * hours) / hours) * HOURS_A_MONTH,
  };
}

export const articlesLike = (shape: Shape, figures: Figures, hours: number) =>
  articlesOf(shape, usageLike(shape, figures, hours));

/**
 * The price of a period of `hours` from what is deployed now, the bridges that ran, and the data that machines sent. The
 * free tier of a month counts in proportion. All data counts as data to the internet, so it is an upper limit.
 */
export function moneyOf(shape: Shape, figures: Figures, hours: number, book: PriceBook): Money {
  const part = hours / HOURS_A_MONTH;
  const { items } = costOf(shape, usageLike(shape, figures, hours), book);
  const gb = Math.max(0, figures.sentGb - FREE.egressGb * part);
  const all = [
    ...items
      .filter(
        ({ name, withMeetings }) => withMeetings.quantity > 0 && !name.startsWith('data to the internet'),
      )
      .map(({ name, withMeetings: { usd } }) => ({ name, usd: usd === undefined ? undefined : usd * part })),
    ...(gb > 0 ? [{ name: 'data to the internet, at most', usd: egressCost(gb, book) }] : []),
  ];
  return {
    items: all,
    usd: all.reduce((sum, { usd }) => sum + (usd ?? 0), 0),
    unknown: all.filter(({ usd }) => usd === undefined).map(({ name }) => name),
  };
}
