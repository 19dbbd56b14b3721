import { alarmInWords } from '../../alerts/english.js';
import type { Account } from '../../cloud/account.js';
import { ConvokeError } from '../../contract/errors.js';
import { explain } from '../../operations/error-mapper.js';
import { type SoFar, soFar } from '../../operations/report/so-far.js';
import { groupLabel } from '../../operations/roll/roll.js';
import { atLeast } from './money.js';
import type { Output } from './output.js';
import { lasted, minute } from './report-words.js';

/** Milliseconds between two readings. They are many requests, and change slowly. */
export const LATELY_MS = 60_000;

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

/** An incident of the last 24 hours, in words. */
export interface PastIncident {
  readonly at: Date;
  readonly text: string;
  /** `12 min`, `goes on`; `–` if a machine failed. */
  readonly lasted: string;
  readonly goesOn: boolean;
}

/** Incidents and machines that failed, newest first. */
export function pastIncidents(
  { incidents, failed }: Pick<SoFar, 'incidents' | 'failed'>,
  deployment: string,
): PastIncident[] {
  return [
    ...incidents.map(({ alarm, from, to, minutes }) => ({
      at: from,
      text: alarmInWords(alarm),
      lasted: to ? lasted(minutes) : 'goes on',
      goesOn: !to,
    })),
    ...failed.map(({ at, machine, group }) => ({
      at,
      text: `machine ${machine} of ${groupLabel(deployment, group)} failed`,
      lasted: '–',
      goesOn: false,
    })),
  ].sort((a, b) => b.at.getTime() - a.at.getTime());
}

/** What happened in the last 24 hours, and the cost of the month. */
export function latelyLines(past: Lately, deployment: string, output: Output): string[] {
  if ('soFarUnknown' in past) return [output.paint.yellow(unknownInWords(past.soFarUnknown))];
  if (!('soFar' in past)) return [];
  const { cost } = past.soFar;
  const rows = pastIncidents(past.soFar, deployment);
  const money = `cost since ${cost.since.toISOString().slice(0, 10)}: ${cost.unknown.length > 0 ? '' : 'about '}${atLeast(cost)} without tax`;
  if (rows.length === 0) return [`no incident in 24 hours   ${money}`];
  return [
    output.table(
      ['incidents of 24 hours, UTC', 'lasted', ''],
      rows.map((row) => [minute(row.at), row.lasted, row.text]),
    ),
    money,
  ];
}

export const unknownInWords = (why: string): string => `Incidents and cost are unknown: ${why}`;
