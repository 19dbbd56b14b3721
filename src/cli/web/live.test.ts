import { describe, expect, it } from 'vitest';
import type { Status } from '../../operations/status.js';
import { zones } from '../../page/status-view.js';
import type { Lately } from '../output/so-far.js';
import { lastHour, liveOf } from './live.js';

const machine = (changes: Partial<Status['machines'][number]>): Status['machines'][number] => ({
  id: 'i-1',
  role: 'shard',
  shard: 'a',
  type: 't4g.medium',
  zone: 'eu-central-1a',
  publicIp: '203.0.113.7',
  privateIp: '10.0.0.7',
  launched: new Date('2026-12-03T12:00Z'),
  state: 'running',
  lifecycle: 'InService',
  target: 'healthy',
  release: '2.0.10888-1',
  bundle: '',
  image: '',
  ...changes,
});
const status = (machines: Status['machines'], metrics: Partial<Status['metrics']> = {}): Status => ({
  state: 'serving',
  url: '',
  stack: '',
  machines,
  missing: [],
  failures: [],
  metrics: { shards: [], ...metrics },
  mail: 'confirmed',
  mailFailures: [],
  alarms: [],
  activities: [],
  differences: [],
  images: [],
});
const NOTHING = { people: [], meetings: [], stress: new Map(), highestStress: new Map() };
const NOW = new Date('2026-12-03T13:00Z');
const live = (now: Status, past?: Lately) =>
  liveOf(
    now,
    { name: 'team', domain: 'meet.example.org' },
    { hour: NOTHING, at: NOW, ...(past && { past }) },
  );

describe('the map', () => {
  it.each([
    ['a shard that serves', {}, true, 'good'],
    ['a shard whose Prosody does not answer', {}, false, 'ill'],
    ['a shard that the load balancer does not reach', { target: 'unhealthy' }, true, 'ill'],
    ['a shard that is new', { target: 'initial' }, undefined, 'starting'],
    ['a machine that starts', { state: 'pending', lifecycle: 'Pending', target: '' }, undefined, 'starting'],
    ['a bridge that drains', { role: 'bridge', lifecycle: 'Terminating:Wait' }, undefined, 'starting'],
    ['a bridge', { role: 'bridge', shard: '', target: '' }, undefined, 'good'],
  ] as const)('shows %s', (_, changes, healthy, health) => {
    const shards = [{ shard: 'a', ...(healthy !== undefined && { healthy }) }];
    expect(live(status([machine(changes)], { shards })).nodes[0]?.health).toBe(health);
  });

  it('has zones by name, in each shards before bridges', () => {
    const { nodes } = live(
      status([
        machine({ id: 'i-3', role: 'bridge', shard: '' }),
        machine({ id: 'i-2', shard: 'b', zone: 'eu-central-1b' }),
        machine({ id: 'i-1' }),
      ]),
    );
    expect(zones(nodes).map(([zone, all]) => [zone, all.map(({ name }) => name)])).toEqual([
      ['eu-central-1a', ['shard a', 'bridge']],
      ['eu-central-1b', ['shard b']],
    ]);
  });
});

it('says which alarms are raised, and since when', () => {
  const alarms = [{ alarm: 'loss', since: new Date('2026-12-03T12:58Z') }] as const;
  expect(live({ ...status([]), alarms }).notes).toEqual([
    'Alarm since 2026-12-03 12:58 UTC: calls lose many packets.',
  ]);
});

it('shows incidents of the last day and the cost once they are read, and why they are unknown', () => {
  const soFar = {
    incidents: [
      { alarm: 'loss', from: new Date('2026-12-03T12:00Z'), to: new Date('2026-12-03T12:05Z'), minutes: 5 },
    ],
    failed: [{ at: new Date('2026-12-03T12:30Z'), group: 'convoke-team-shard-a', machine: 'i-1' }],
    cost: { usd: 4.5, unknown: [], since: new Date('2026-12-01T00:00Z') },
  } as const;
  const { incidents, figures } = live(status([]), { soFar });
  expect(incidents?.map(({ text, lasted }) => [text, lasted])).toEqual([
    ['machine i-1 of shard a failed', '–'],
    ['calls lose many packets', '5 min'],
  ]);
  expect(figures.at(-1)?.value).toBe('$4.50');
  expect(live(status([])).incidents).toBeUndefined();
  expect(live(status([]), { soFarUnknown: 'Access denied.' }).notes).toEqual([
    'Incidents and cost are unknown: Access denied.',
  ]);
});

it('the last hour adds up shards, and has gaps where none published', () => {
  const at = (minute: number) => Date.UTC(2026, 11, 3, 13, minute);
  const people = [
    new Map([[at(0), 3]]),
    new Map([
      [at(0), 4],
      [at(2), 5],
    ]),
  ];
  const hour = lastHour({ ...NOTHING, people, stress: new Map([[at(1), 0.5]]) });
  expect(hour.at).toEqual([0, 1, 2].map((minute) => at(minute) / 1000));
  expect(hour.people).toEqual([7, null, 5]);
  expect(hour.stress).toEqual([null, 0.5, null]);
});
