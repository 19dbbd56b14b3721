import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Occurrence } from '../contract/alerts.js';
import { EMPTY, type Mail } from './incident.js';
import { mailsOf, matters, replay, step } from './incidents.js';

const SHARDS = ['convoke-meet-shard-a', 'convoke-meet-shard-b'];
const BRIDGES = 'convoke-meet-bridges';
const team = { shards: SHARDS };
const solo = { shards: SHARDS.slice(0, 1) };
const [A = '', B = ''] = SHARDS;

const at = (minutes: number) => new Date(Date.UTC(2026, 11, 2, 4, 0) + minutes * 60_000).toISOString();
let ids = 0;
const id = () => `event-${++ids}`;

const lost = (minutes: number, group: string, machine: string, zone = 'eu-central-1a'): Occurrence => ({
  kind: 'lost',
  id: id(),
  at: at(minutes),
  group,
  machine,
  zone,
  cause: 'an EC2 health check',
});
const launched = (minutes: number, group: string, machine: string, replacement = true): Occurrence => ({
  kind: 'launched',
  id: id(),
  at: at(minutes),
  group,
  machine,
  zone: 'eu-central-1b',
  replacement,
});
const serves = (minutes: number, group: string, machine: string): Occurrence => ({
  kind: 'serves',
  id: id(),
  at: at(minutes),
  group,
  machine,
});
const silent = (minutes: number, group: string, machine: string): Occurrence => ({
  kind: 'silent',
  id: id(),
  at: at(minutes),
  group,
  machine,
});
const failed = (minutes: number, group: string): Occurrence => ({
  kind: 'launch-failed',
  id: id(),
  at: at(minutes),
  group,
  zone: 'eu-central-1a',
  cause: 'InsufficientInstanceCapacity',
});
const alarm = (
  minutes: number,
  name: Extract<Occurrence, { kind: 'alarm' }>['alarm'],
  raised: boolean,
): Occurrence => ({ kind: 'alarm', id: id(), at: at(minutes), alarm: name, raised });

/** The kinds of all mails of a list of occurrences. */
function mailed(list: readonly Occurrence[], layout = team): string[] {
  let state = EMPTY;
  const mails: Mail[] = [];
  for (const one of list) {
    const next = step(state, one, layout);
    state = next.state;
    mails.push(...next.mails);
  }
  return mails.map(({ kind }) => kind);
}

describe('the mails of an incident', () => {
  it('are one when a machine fails and one when its replacement serves', () => {
    expect(mailed([lost(0, A, 'i-1'), launched(1, A, 'i-2')])).toEqual(['lost']);
    expect(mailed([lost(0, A, 'i-1'), launched(1, A, 'i-2'), serves(4, A, 'i-2')])).toEqual([
      'lost',
      'clear',
    ]);
    expect(mailed([lost(0, BRIDGES, 'i-1'), launched(1, BRIDGES, 'i-2')])).toEqual(['lost', 'clear']);
  });

  it('are the same when alarms notice the failed machine first, or late', () => {
    const alone = [
      alarm(0, 'no-shard', true),
      alarm(1, 'balancer-errors', true),
      lost(2, A, 'i-1'),
      launched(3, A, 'i-2'),
      alarm(5, 'no-shard', false),
      serves(5, A, 'i-2'),
    ];
    expect(mailed([...alone, alarm(9, 'balancer-errors', false)], solo)).toEqual(['no-shard', 'clear']);
    const late = [lost(0, A, 'i-1'), alarm(2, 'no-shard', true), launched(3, A, 'i-2')];
    expect(mailed([...late, serves(5, A, 'i-2'), alarm(6, 'no-shard', false)], solo)).toEqual([
      'lost',
      'clear',
    ]);
  });

  it('say once more that no shard serves when the second of two fails', () => {
    const list = [lost(0, A, 'i-1'), lost(3, B, 'i-2', 'eu-central-1b'), alarm(4, 'no-shard', true)];
    expect(mailed(list)).toEqual(['lost', 'lost', 'no-shard']);
  });

  it('are one for all machines of a zone that fails', () => {
    const zone = [lost(0, A, 'i-1'), lost(0.5, BRIDGES, 'i-2'), lost(2, BRIDGES, 'i-3')];
    const back = [launched(3, BRIDGES, 'i-4'), launched(3, BRIDGES, 'i-5'), serves(6, A, 'i-6')];
    expect(mailed([...zone, ...back])).toEqual(['lost', 'clear']);
  });

  it('are two for two bridges that fail one after the other, and two all-clears', () => {
    const one = [lost(0, BRIDGES, 'i-1'), launched(2, BRIDGES, 'i-2')];
    const other = [lost(90, BRIDGES, 'i-3'), launched(92, BRIDGES, 'i-4')];
    expect(mailed([...one, ...other])).toEqual(['lost', 'clear', 'lost', 'clear']);
  });

  it('say that a replacement failed, too, if it does so within an hour', () => {
    const first = [lost(0, A, 'i-1'), launched(1, A, 'i-2'), serves(4, A, 'i-2')];
    expect(mailed([...first, lost(40, A, 'i-2')])).toEqual(['lost', 'clear', 'repeated']);
    expect(mailed([...first, lost(70, A, 'i-2')])).toEqual(['lost', 'clear', 'lost']);
    // Whatever AWS gives as the cause of the launch.
    const started = [lost(0, A, 'i-1'), launched(1, A, 'i-2', false), serves(4, A, 'i-2')];
    expect(mailed([...started, lost(40, A, 'i-2')])).toEqual(['lost', 'clear', 'repeated']);
    // A new machine that replaced none, such as one of an upgrade.
    expect(mailed([launched(1, A, 'i-2', false), lost(40, A, 'i-2')])).toEqual(['lost']);
    // A replacement that never served: news of the same incident, once.
    const never = [lost(0, A, 'i-1'), launched(1, A, 'i-2'), lost(9, A, 'i-2'), launched(10, A, 'i-3')];
    expect(mailed([...never, lost(19, A, 'i-3'), launched(20, A, 'i-4'), serves(24, A, 'i-4')])).toEqual([
      'lost',
      'repeated',
      'clear',
    ]);
  });

  it('say that launches fail at the second failure, once', () => {
    expect(mailed([failed(0, BRIDGES), launched(1, BRIDGES, 'i-1', false)])).toEqual([]);
    const stuck = [failed(0, BRIDGES), failed(2, BRIDGES), failed(4, BRIDGES)];
    expect(mailed(stuck)).toEqual(['launch-failing']);
    expect(mailed([...stuck, launched(9, BRIDGES, 'i-1', false)])).toEqual(['launch-failing', 'clear']);
  });

  it('do not call a machine failed that did not complete its launch, such as one of an upgrade', () => {
    const abandoned = (minutes: number, machine: string) => ({ ...failed(minutes, A), machine });
    const ended = [abandoned(0, 'i-2'), lost(0.5, A, 'i-2')];
    expect(mailed([...ended, launched(5, A, 'i-3', false), serves(7, A, 'i-3')])).toEqual([]);
    expect(mailed([...ended, abandoned(6, 'i-3'), lost(6.5, A, 'i-3')])).toEqual(['launch-failing']);
  });

  it('say that a new machine does not serve, whether or not another had failed', () => {
    expect(mailed([lost(0, A, 'i-1'), launched(1, A, 'i-2'), silent(15, A, 'i-2')])).toEqual([
      'lost',
      'silent',
    ]);
    expect(mailed([silent(15, A, 'i-2'), serves(20, A, 'i-2')])).toEqual(['silent', 'clear']);
  });

  it('are the same when the event of a bridge’s replacement arrives first', () => {
    expect(mailed([launched(2, BRIDGES, 'i-2'), lost(1, BRIDGES, 'i-1')])).toEqual(['lost', 'clear']);
  });

  it('say that Jicofo was restarted, without an all-clear, whatever else goes on', () => {
    const list = [alarm(0, 'jicofo-restarted', true), alarm(1, 'jicofo-restarted', false)];
    expect(mailed(list)).toEqual(['jicofo-restarted']);
    expect(matters(EMPTY, alarm(0, 'jicofo-restarted', false), team)).toBe(false);
    expect(mailed([lost(0, BRIDGES, 'i-1'), ...list, launched(2, BRIDGES, 'i-2')])).toEqual([
      'lost',
      'jicofo-restarted',
      'clear',
    ]);
  });

  it('say that a machine is short of disk space, apart from other incidents', () => {
    const list = [alarm(0, 'disk', true), lost(1, A, 'i-1'), alarm(5, 'disk', false)];
    expect(mailed([...list, launched(6, A, 'i-2'), serves(7, A, 'i-2')])).toEqual([
      'disk',
      'lost',
      'clear',
      'clear',
    ]);
    expect(mailed([alarm(0, 'disk', true), alarm(1, 'memory', true), alarm(2, 'memory', false)])).toEqual([
      'disk',
      'memory',
      'clear',
    ]);
  });

  it('say that a shard has no bridges, also while lost bridges are replaced, but not while the shard itself is', () => {
    expect(mailed([alarm(0, 'no-bridges', true), alarm(4, 'no-bridges', false)])).toEqual([
      'no-bridges',
      'clear',
    ]);
    const lostBridge = [lost(0, BRIDGES, 'i-1'), alarm(3, 'no-bridges', true), launched(4, BRIDGES, 'i-2')];
    expect(mailed([...lostBridge, alarm(5, 'no-bridges', false)])).toEqual(['lost', 'no-bridges', 'clear']);
    const lostShard = [lost(0, A, 'i-1'), alarm(3, 'no-bridges', true), launched(4, A, 'i-2')];
    expect(mailed([...lostShard, alarm(5, 'no-bridges', false), serves(6, A, 'i-2')])).toEqual([
      'lost',
      'clear',
    ]);
  });

  it('do not wait for an all-clear that got lost', () => {
    expect(mailed([lost(0, A, 'i-1'), lost(7 * 60, A, 'i-2')])).toEqual(['lost', 'lost']);
  });

  it('are none for machines that are added, nor for an alarm that ends without having been mailed', () => {
    expect(mailed([launched(0, BRIDGES, 'i-1', false), alarm(1, 'errors', false)])).toEqual([]);
    expect(matters(EMPTY, launched(0, BRIDGES, 'i-1', false), team)).toBe(false);
    expect(matters(EMPTY, alarm(0, 'errors', false), team)).toBe(false);
    expect(matters(EMPTY, lost(0, BRIDGES, 'i-1'), team)).toBe(true);
  });
});

const groups = fc.constantFrom(A, B, BRIDGES);
const machine = fc.constantFrom('i-1', 'i-2', 'i-3', 'i-4');
const zone = fc.constantFrom('eu-central-1a', 'eu-central-1b');
const moment = fc.integer({ min: 0, max: 600 });
const occurrence: fc.Arbitrary<Occurrence> = fc.oneof(
  fc.tuple(moment, groups, machine, zone).map(([m, g, i, z]) => lost(m, g, i, z)),
  fc.tuple(moment, groups, machine, fc.boolean()).map(([m, g, i, r]) => launched(m, g, i, r)),
  fc.tuple(moment, fc.constantFrom(A, B), machine).map(([m, g, i]) => serves(m, g, i)),
  fc.tuple(moment, fc.constantFrom(A, B), machine).map(([m, g, i]) => silent(m, g, i)),
  fc.tuple(moment, groups).map(([m, g]) => failed(m, g)),
  fc
    .tuple(
      moment,
      fc.constantFrom(
        'no-shard' as const,
        'errors' as const,
        'balancer-errors' as const,
        'bridges-full' as const,
        'jicofo-restarted' as const,
        'disk' as const,
      ),
      fc.boolean(),
    )
    .map(([m, name, raised]) => alarm(m, name, raised)),
);
const history = fc
  .array(occurrence, { maxLength: 60 })
  .map((list) => list.sort((one, other) => Date.parse(one.at) - Date.parse(other.at)));

describe('any history', () => {
  it('has no all-clear without a mail before it, and at most one of each kind of mail for an incident', () => {
    fc.assert(
      fc.property(history, (list) => {
        const sent = new Map<string, string[]>();
        let state = EMPTY;
        for (const one of list) {
          const next = step(state, one, team);
          state = next.state;
          for (const { kind, since, opened } of next.mails) {
            const before = sent.get(since) ?? [];
            if (kind === 'clear') expect(before).toContain(opened);
            sent.set(since, [...before, kind]);
          }
        }
        // Everything that is open now and was mailed will get its all-clear; nothing else is kept.
        for (const one of state.incidents) expect(new Set(one.sent).size).toBe(one.sent.length);
      }),
    );
  });

  it('sends the same mails in whatever executions of the function its events are handled, and none twice', () => {
    fc.assert(
      fc.property(history, fc.array(fc.nat(), { maxLength: 5 }), (list, repeated) => {
        const all = list.flatMap((one) => mailsOf(one.id, list, team));
        const doubled = [
          ...list,
          ...repeated.flatMap((index) => list[index % Math.max(1, list.length)] ?? []),
        ];
        const again = list.flatMap((one) => mailsOf(one.id, doubled, team));
        expect(again).toEqual(all);
        expect(replay(doubled, team).state).toEqual(replay(list, team).state);
      }),
    );
  });

  it('is quiet again once all that failed was replaced', () => {
    fc.assert(
      fc.property(history, (list) => {
        const { state } = replay(list, team);
        const later = 601;
        const ends = state.incidents.flatMap(({ waiting, failures, alarms }) => [
          ...[...waiting, ...failures].flatMap((group) => [
            launched(later, group, 'i-9', false),
            ...(group === BRIDGES ? [] : [serves(later, group, 'i-9')]),
          ]),
          ...alarms.map((name) => alarm(later, name, false)),
        ]);
        expect(replay([...list, ...ends], team).state.incidents).toEqual([]);
      }),
    );
  });
});
