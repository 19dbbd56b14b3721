import type { Account } from '../../cloud/account.js';
import type { Deployment } from '../../config/deployment.js';
import { type Incident, incidentsIn } from './figures.js';
import { incidentHistory } from './incident-history.js';
import type { Money } from './money.js';
import { type Report, report } from './report.js';

/** What happened in the last 24 hours, and what this month cost. */
export interface SoFar {
  readonly incidents: readonly Incident[];
  /** Machines that were replaced because they had failed. */
  readonly failed: Report['failed'];
  /** Estimate since the first of the month in UTC, or since the deployment was created. */
  readonly cost: Pick<Money, 'usd' | 'unknown'> & { readonly since: Date };
}

const DAY = 24 * 60 * 60_000;

/** Throws `NotDeployed`. */
export async function soFar(
  account: Account,
  deployment: Pick<Deployment, 'name' | 'domain' | 'region' | 'hours'>,
): Promise<SoFar> {
  const to = account.clock.now();
  const month = new Date(Date.UTC(to.getUTCFullYear(), to.getUTCMonth()));
  const lastDay = { from: new Date(to.getTime() - DAY), to };
  // One after the other, as both read the history of the alarms.
  const { money, from: since } = await report(account, deployment, { from: month, to });
  const history = await incidentHistory(account, deployment.name, lastDay);
  return {
    incidents: incidentsIn({ ...history, ...lastDay, hours: deployment.hours }),
    failed: history.failed.map(({ at, group, machine }) => ({ at, group, machine })),
    cost: { usd: money.usd, unknown: money.unknown, since },
  };
}
