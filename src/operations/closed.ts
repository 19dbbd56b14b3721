import type { Deployment } from '../config/deployment.js';
import { isOpen, nextOpening } from '../config/hours.js';

/** When a deployment opens that is closed at the moment, in words. Undefined: it is open. */
export function closedUntil({ hours }: Pick<Deployment, 'hours'>, now: Date): string | undefined {
  if (!hours || isOpen(hours, now)) return undefined;
  const next = nextOpening(hours, now);
  return next && `${DAYS[next.day]} at ${next.time} (${hours.timezone})`;
}

const DAYS: Readonly<Record<string, string>> = {
  MON: 'Monday',
  TUE: 'Tuesday',
  WED: 'Wednesday',
  THU: 'Thursday',
  FRI: 'Friday',
  SAT: 'Saturday',
  SUN: 'Sunday',
};
