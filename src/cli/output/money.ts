import type { Total } from '../../capacity/cost.js';

/** US dollars, to the cent or finer. */
export const dollars = (value: number, digits = 2): string => `$${value.toFixed(digits)}`;

/** A sum, and whether it is all. */
export const atLeast = ({ usd, unknown }: Total, digits = 2): string =>
  `${unknown.length ? 'at least ' : ''}${dollars(usd, digits)}`;

/** What has to be known of a budget, in a sentence. */
export const budgetLine = (monthly: number, alerts: string): string =>
  `The budget of ${dollars(monthly)} mails ${alerts} when 80 % is spent and when more than all of it is forecast; AWS counts costs towards it only once the tag "convoke:deployment" is activated under Billing, Cost allocation tags.`;
