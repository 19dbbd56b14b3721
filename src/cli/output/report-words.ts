import type { Figures } from '../../operations/report/figures.js';

export const COLUMNS: readonly (readonly [name: string, key: keyof Figures])[] = [
  ['person-hours', 'personHours'],
  ['most people', 'mostPeople'],
  ['meeting-hours', 'meetingHours'],
  ['most meetings', 'mostMeetings'],
  ['bridge-hours', 'bridgeHours'],
  ['GB sent', 'sentGb'],
  ['failed machines', 'failedMachines'],
  ['minutes noticed', 'noticedMinutes'],
];

/** How to read a report. */
export const NOTES: readonly string[] = [
  'Person-hours and meeting-hours are added up over people and meetings. Sent data includes what machines send to each other.',
  'The cost is an estimate from list prices for what is deployed now and for the bridges that ran, with a share of each month’s free tier.',
];

export const number = (value: number): string =>
  value.toLocaleString('en', { maximumFractionDigits: value < 100 ? 1 : 0, useGrouping: false });

export const minute = (at: Date): string => at.toISOString().slice(0, 16).replace('T', ' ');

export function lasted(minutes: number): string {
  if (minutes < 120) return `${Math.max(1, Math.round(minutes))} min`;
  return minutes < 48 * 60 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 1440)} d`;
}
