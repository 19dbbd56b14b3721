import { InvalidArgumentError, Option } from 'commander';
import type { Amount, Item, Total } from '../capacity/cost.js';
import type { Account } from '../cloud/account.js';
import type { Deployment } from '../config/deployment.js';
import { type CostResult, cost, USUAL_MEETINGS } from '../operations/cost.js';
import { explain } from '../operations/error-mapper.js';
import { atLeast, budgetLine, dollars } from './output/money.js';
import type { Output } from './output/output.js';
import { type Context, type Verb, verbCommand } from './verb.js';

export const verb: Verb = {
  command: verbCommand('cost', 'Estimates what the deployment costs a month, item by item. Changes nothing.')
    .addOption(
      new Option('--participants <n>', 'number of people in meetings at the same time')
        .argParser(wholeNumber)
        .default(USUAL_MEETINGS.participants),
    )
    .addOption(
      new Option('--hours <n>', 'hours of meetings a month')
        .argParser(hoursOfMonth)
        .default(USUAL_MEETINGS.hours),
    )
    .addOption(
      new Option('--megabits <n>', 'megabits a second that each of them receives')
        .argParser(number)
        .default(USUAL_MEETINGS.megabits),
    )
    .option('--offline', 'use the price snapshot that ships with convoke', false),
  async run(context, flags) {
    const { participants, hours, megabits } = flags as {
      participants: number;
      hours: number;
      megabits: number;
    };
    const { deployment, account, because } = await priceListAccount(context, flags.offline === true);
    const result = await cost({ deployment, account, meetings: { participants, hours, megabits } });
    const output = because ? { ...result, prices: { ...result.prices, because } } : result;
    context.output.result(output, draw(output, deployment, context.output));
    return 0;
  },
};

/** The account whose price list is used, if credentials are available. Without credentials the snapshot is used. */
async function priceListAccount(
  { deployment, inAccount, options }: Context,
  offline: boolean,
): Promise<{ deployment: Deployment; account?: Account; because?: string }> {
  const wanted = deployment();
  if (offline) return { deployment: wanted };
  if (options.cloud === 'rehearsal') return { deployment: wanted, because: 'A rehearsal has no price list.' };
  try {
    return await inAccount();
  } catch (error) {
    return { deployment: wanted, because: explain(error).message };
  }
}

function draw(result: CostResult, deployment: Deployment, output: Output): string {
  const { items, totals, assumptions, participantHours, perParticipantHour, prices, sources } = result;
  const { participants, hours, megabits, participantsPerBridge, byTurnPercent } = assumptions;
  const row = ({ name, unit, price, ...amounts }: Item) => [
    name,
    quantity(amounts.withMeetings.quantity),
    unit,
    price ? `$${significant(price.usd)}` : 'unknown',
    usd(amounts.atRest),
    usd(amounts.withMeetings),
    usd(amounts.atMost),
  ];
  const { paint } = output;
  const sum = (total: Total) => paint.bold(atLeast(total));
  const table = output.table(
    ['item', 'with meetings', '', 'price', 'at rest', 'with meetings', 'at most'],
    [
      ...items.map(row),
      [
        paint.bold('USD a month, without tax'),
        '',
        '',
        '',
        sum(totals.atRest),
        sum(totals.withMeetings),
        sum(totals.atMost),
      ],
    ],
  );
  const { unknown } = totals.atMost;
  return [
    table,
    '',
    perParticipantHour &&
      `An hour of one participant: ${atLeast(perParticipantHour, 4)}, the month’s bill over ${participantHours} of them.`,
    unknown.length > 0 &&
      paint.yellow(
        `Totals are underestimates, because these items have no price: ${unknown.join('; ')}. ${items.find(({ why }) => why)?.why}`,
      ),
    `At rest: no meetings, bridges at their minimum and schedule. At most: all bridges, the whole month.`,
    `Meetings: ${participants} people at a time, ${hours} hours a month, ${megabits} Mbit/s to each (assumed), ${quantity(assumptions.egressGb)} GB to the internet; ${participantsPerBridge} people a bridge${byTurnPercent > 0 ? `; ${byTurnPercent} % of them by TURN (assumed)` : ''}.`,
    `Deducted: the monthly free tier of every account (100 GB, 10 metrics, 10 alarms, 3 dashboards, a million requests, 5 GB of log data). Not included: DNS queries, files in S3, snapshots of machine images, mails and events, which cost cents, and the function that sends alerts, which stays within Lambda’s free tier.`,
    priceSource(prices, sources),
    deployment.budget && budgetLine(deployment.budget.monthly, deployment.alerts.emails),
  ]
    .filter((line) => line !== false && line !== undefined)
    .join('\n');
}

function priceSource({ from, because }: CostResult['prices'], sources: CostResult['sources']): string {
  const head =
    from === 'live'
      ? 'Current prices from the AWS price list'
      : 'Prices from the snapshot that ships with convoke';
  const days = [...new Set(sources.map(({ read }) => read))].sort();
  const span = days.length ? `, read ${days[0]}${days.length > 1 ? ` to ${days.at(-1)}` : ''}` : '';
  const list = sources.map(({ address, read }) => `  ${read}  ${address}`).join('\n');
  return `${because ? `${because}\n` : ''}${head}${from === 'live' ? '' : span}:\n${list}`;
}

const usd = (amount: Amount) =>
  amount.usd === undefined ? 'unknown' : amount.usd === 0 ? '–' : dollars(amount.usd);

const quantity = (value: number) =>
  value.toLocaleString('en', { maximumFractionDigits: value < 10 ? 2 : 0, useGrouping: false });

/** A unit price as AWS writes it, without zeros at its end. */
const significant = (value: number) =>
  value.toLocaleString('en', { maximumFractionDigits: 6, useGrouping: false });

function number(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0)
    throw new InvalidArgumentError('Expected a number, 0 or more.');
  return value;
}

function wholeNumber(text: string): number {
  const value = number(text);
  if (!Number.isInteger(value) || value > 1_000_000)
    throw new InvalidArgumentError('Expected a whole number, at most 1000000.');
  return value;
}

function hoursOfMonth(text: string): number {
  const value = number(text);
  if (value > 730) throw new InvalidArgumentError('A month has 730 hours.');
  return value;
}
