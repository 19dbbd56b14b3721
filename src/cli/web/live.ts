import { alarmInWords } from '../../alerts/english.js';
import type { Series } from '../../cloud/metric-history.js';
import type { Status } from '../../operations/status.js';
import type { Health, LastHour, Live, Node } from '../../page/status-view.js';
import { atLeast } from '../output/money.js';
import { minute } from '../output/report-words.js';
import { type Lately, pastIncidents, unknownInWords } from '../output/so-far.js';
import { STATES } from '../output/states.js';
import { lanesOf } from './lanes.js';

/** Series of the last hour, by minute. */
export interface HourOfMetrics {
  /** By shard. */
  readonly people: readonly Series[];
  readonly meetings: readonly Series[];
  readonly stress: Series;
  readonly highestStress: Series;
}

/** What the page shows of a status. `past`: unset until incidents and cost have been read. */
export function liveOf(
  now: Status,
  { name, domain }: { readonly name: string; readonly domain: string },
  { hour, past, at }: { readonly hour: HourOfMetrics; readonly past?: Lately; readonly at: Date },
): Live {
  const soFar = past && 'soFar' in past ? past.soFar : undefined;
  const { people, meetings, bridges, stress, highestStress } = now.metrics;
  const release = now.release?.name;
  return {
    at: at.toISOString(),
    domain,
    health:
      now.state === 'serving' || now.state === 'closed' ? 'good' : now.state === 'down' ? 'ill' : 'starting',
    state: STATES[now.state],
    figures: [
      { name: 'people', value: number(people) },
      { name: 'meetings', value: number(meetings) },
      { name: 'bridges', value: number(bridges) },
      { name: 'stress, average', value: number(stress, 2) },
      { name: 'stress, highest', value: number(highestStress, 2) },
      ...(release ? [{ name: 'release', value: release }] : []),
      ...(soFar ? [{ name: 'cost this month, without tax', value: atLeast(soFar.cost) }] : []),
    ],
    notes: [
      ...(now.missing.length > 0 ? [`Missing: ${now.missing.join(', ')}.`] : []),
      ...now.failures.map(({ machine, why }) => `The ${machine} could not be provisioned: ${why}`),
      ...now.alarms.map(({ alarm, since }) => `Alarm since ${minute(since)} UTC: ${alarmInWords(alarm)}.`),
      ...now.mailFailures,
      ...(past && 'soFarUnknown' in past ? [unknownInWords(past.soFarUnknown)] : []),
      ...now.differences,
      ...(now.roll
        ? [`Machines are being replaced: ${now.roll.done.length} groups done, ${now.roll.open.length} left.`]
        : []),
    ],
    nodes: now.machines.map((machine) => node(machine, now)),
    ...(soFar && {
      incidents: pastIncidents(soFar, name).map((one) => ({ ...one, at: one.at.toISOString() })),
    }),
    lanes: lanesOf({
      activities: now.activities,
      incidents: soFar?.incidents ?? [],
      deployment: name,
      at,
    }),
    events: now.activities.map(({ at: when, description, status, message }) => ({
      at: when.toISOString(),
      text: message ? `${description}: ${message}` : description,
      failed: status === 'Failed' || status === 'Cancelled',
    })),
    history: lastHour(hour),
  };
}

function node(machine: Status['machines'][number], { metrics }: Status): Node {
  const shard = metrics.shards.find((one) => one.shard === machine.shard);
  const isShard = machine.role === 'shard';
  const updates = isShard ? shard?.updates : machine.role === 'bridge' ? metrics.bridgeUpdates : undefined;
  return {
    id: machine.id,
    role: isShard ? 'shard' : 'bridge',
    name: isShard ? `shard ${machine.shard}` : machine.role,
    zone: machine.zone,
    health: health(machine, shard?.healthy),
    load: isShard
      ? `${number(shard?.people)} people, ${number(shard?.meetings)} meetings`
      : machine.lifecycle || machine.state,
    details: [
      ['type', machine.type],
      ['zone', machine.zone],
      ['EC2', machine.state],
      ['Auto Scaling', machine.lifecycle || '–'],
      ...(isShard ? [['load balancer', machine.target || '–'] as const] : []),
      ...(isShard ? [['bridges that it sees', number(shard?.bridges)] as const] : []),
      ['security updates that wait', `${isShard || !updates ? '' : 'up to '}${number(updates)}`],
      ['release', machine.release || '–'],
      ['addresses', [machine.publicIp, machine.privateIp].filter(Boolean).join(', ') || '–'],
      ['since', machine.launched.toISOString()],
    ],
  };
}

function health(
  { role, state, lifecycle, target }: Status['machines'][number],
  answers: boolean | undefined,
): Health {
  if (state !== 'running' || lifecycle !== 'InService') return 'starting';
  if (role !== 'shard') return 'good';
  if (target === 'healthy') return answers === false ? 'ill' : 'good';
  return target === 'initial' ? 'starting' : 'ill';
}

/** Series with common times. Shards add up; a minute in which none published has no value. */
export function lastHour({ people, meetings, stress, highestStress }: HourOfMetrics): LastHour {
  const all = [...people, ...meetings, stress, highestStress];
  const times = [...new Set(all.flatMap((series) => [...series.keys()]))].sort((a, b) => a - b);
  const sum = (series: readonly Series[]) =>
    times.map((at) => {
      const values = series.flatMap((one) => one.get(at) ?? []);
      return values.length === 0 ? null : values.reduce((total, value) => total + value, 0);
    });
  return {
    at: times.map((at) => at / 1000),
    people: sum(people),
    meetings: sum(meetings),
    stress: sum([stress]),
    highestStress: sum([highestStress]),
  };
}

const number = (value: number | undefined, digits = 0): string =>
  value === undefined ? '–' : value.toFixed(digits);
