import { alarmInWords } from '../../alerts/english.js';
import type { Account } from '../../cloud/account.js';
import { ConvokeError } from '../../contract/errors.js';
import { explain } from '../../operations/error-mapper.js';
import { type SoFar, soFar } from '../../operations/report/so-far.js';
import { groupLabel } from '../../operations/roll/roll.js';
import { atLeast } from './money.js';
import type { Output } from './output.js';
import { lasted, minute } from './report-words.js';

/** Incidents and cost; why they are not known, if they cannot be read, which must not hide the state. */
export type Lately = { readonly soFar: SoFar } | { readonly soFarUnknown: string } | Record<string, never>;

export async function lately(account: Account, deployment: Parameters<typeof soFar>[1]): Promise<Lately> {
  try {
    return { soFar: await soFar(account, deployment) };
  } catch (error) {
    if (error instanceof ConvokeError && error.name === 'NotDeployed') return {};
    return { soFarUnknown: explain(error).message };
  }
}

/** Calls a function again only if the last call is that long ago. */
export function everySoOften<T>(ms: number, call: () => Promise<T>): () => Promise<T> {
  let last: { readonly at: number; readonly answer: Promise<T> } | undefined;
  return () => {
    if (!last || Date.now() - last.at >= ms) last = { at: Date.now(), answer: call() };
    return last.answer;
  };
}

/** What happened in the last 24 hours, and the cost of the month. */
export function latelyLines(past: Lately, deployment: string, output: Output): string[] {
  if ('soFarUnknown' in past)
    return [output.paint.yellow(`Incidents and cost are unknown: ${past.soFarUnknown}`)];
  if (!('soFar' in past)) return [];
  const { incidents, failed, cost } = past.soFar;
  const rows = [
    ...incidents.map(({ alarm, from, to, minutes }) => ({
      at: from,
      row: [minute(from), to ? lasted(minutes) : 'goes on', alarmInWords(alarm)],
    })),
    ...failed.map(({ at, machine, group }) => ({
      at,
      row: [minute(at), '–', `machine ${machine} of ${groupLabel(deployment, group)} failed`],
    })),
  ].sort((a, b) => b.at.getTime() - a.at.getTime());
  const money = `cost since ${cost.since.toISOString().slice(0, 10)}: ${cost.unknown.length > 0 ? '' : 'about '}${atLeast(cost)} without tax`;
  if (rows.length === 0) return [`no incident in 24 hours   ${money}`];
  return [
    output.table(
      ['incidents of 24 hours, UTC', 'lasted', ''],
      rows.map(({ row }) => row),
    ),
    money,
  ];
}
