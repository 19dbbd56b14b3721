import type { Total } from '../../capacity/cost.js';

/** US dollars, to the cent or finer. */
export const dollars = (value: number, digits = 2): string => `$${value.toFixed(digits)}`;

/** A sum; "at least" if the price of some items is unknown. */
export const atLeast = ({ usd, unknown }: Total, digits = 2): string =>
  `${unknown.length ? 'at least ' : ''}${dollars(usd, digits)}`;

/** What the user has to know about the budget. */
export const budgetLine = (monthly: number, emails: readonly string[]): string =>
  `The budget of ${dollars(monthly)} sends mail to ${emails.join(', ')} when 80 % is spent and when the forecast exceeds it. AWS counts costs towards it only once the tag "convoke:deployment" is activated under Billing, Cost allocation tags.`;
