import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type GroupFacts, isInProgress, nextStep } from './next-step.js';

/** What may happen at any moment of an upgrade. */
type Moment =
  /** The upgrade looks at the group that it is at, and does what it decides. */
  | { readonly what: 'look' }
  /** Auto Scaling and machines go on. */
  | { readonly what: 'time passes' }
  /** A machine fails; `as`: whether its replacement is launched from what the refresh, or the group, launches. */
  | { readonly what: 'power failure'; readonly at: number; readonly as: 'refresh' | 'group' }
  | { readonly what: 'scaling'; readonly desired: number }
  /** The command is killed, and run again. */
  | { readonly what: 'kill' };

type Member = GroupFacts['members'][number];

/** A group as Auto Scaling treats it, with launch before terminate. */
class ModelGroup {
  members: Member[];
  launches: string;
  refresh: { status: string; version: string } | undefined;
  private launchAs: 'refresh' | 'group' = 'group';

  constructor(
    readonly name: string,
    version: string,
    public desired: number,
  ) {
    this.launches = version;
    this.members = Array.from({ length: desired }, () => ({ version, state: 'serving' as const }));
  }

  get staying(): Member[] {
    return this.members.filter(({ state }) => state !== 'leaving');
  }

  fails(at: number, as: 'refresh' | 'group'): void {
    this.members.splice(at % Math.max(1, this.members.length), 1);
    this.launchAs = as;
  }

  timePasses(): void {
    this.members = this.members
      .filter(({ state }) => state !== 'leaving')
      .map(({ version }) => ({ version, state: 'serving' }));
    const active = this.refresh && isInProgress(this.refresh.status) ? this.refresh : undefined;
    const usual = active && this.launchAs === 'refresh' ? active.version : this.launches;
    const old = this.members.findIndex(({ version }) => active && version !== active.version);
    if (this.members.length < this.desired) this.launch(usual);
    else if (active && old < 0) {
      this.refresh = { ...active, status: 'Successful' };
      this.launches = active.version;
    } else if (active && this.members.length === this.desired) this.launch(active.version);
    else if (this.members.length > this.desired) this.leave(Math.max(0, old));
  }

  private launch(version: string): void {
    this.members.push({ version, state: 'starting' });
  }

  private leave(at: number): void {
    this.members = this.members.map((member, index) =>
      index === at ? { ...member, state: 'leaving' } : member,
    );
  }
}

/** An upgrade, or a return, as `roll` runs it: one group after the other, and at the end until all refreshes have ended. */
class ModelRun {
  private at = 0;
  private followed = new Set<string>();
  ended = false;

  constructor(
    private readonly groups: readonly ModelGroup[],
    private readonly wanted: string,
  ) {}

  look(): void {
    const group = this.groups[this.at % this.groups.length];
    if (!group || this.ended) return;
    const step = nextStep({
      wanted: this.wanted,
      launches: group.launches,
      desired: group.desired,
      members: group.members,
      refresh: group.refresh && { ...group.refresh, reason: '', followed: this.followed.has(group.name) },
      waited: 0,
    });
    if (step.do === 'start') {
      if (group.refresh && isInProgress(group.refresh.status)) throw new Error('AWS would refuse it');
      group.refresh = { status: 'InProgress', version: this.wanted };
      this.followed.add(group.name);
    }
    if (step.do === 'roll back') group.refresh = { status: 'RollbackSuccessful', version: this.wanted };
    if (step.do === 'give up') throw new Error(step.why);
    if (step.do !== 'go on') return;
    const ending = this.at >= this.groups.length;
    if (!ending || step.ended) this.at++;
    this.ended = this.at === 2 * this.groups.length;
  }
}

const moments = fc.array(
  fc.oneof<fc.Arbitrary<Moment>[]>(
    fc.constant({ what: 'look' }),
    fc.constant({ what: 'time passes' }),
    fc.record({
      what: fc.constant('power failure' as const),
      at: fc.nat(5),
      as: fc.constantFrom('refresh' as const, 'group' as const),
    }),
    fc.record({ what: fc.constant('scaling' as const), desired: fc.integer({ min: 1, max: 4 }) }),
    fc.constant({ what: 'kill' }),
  ),
  { maxLength: 120 },
);

const team = (version: string) => [
  new ModelGroup('bridges', version, 2),
  new ModelGroup('shard-a', version, 1),
  new ModelGroup('shard-b', version, 1),
];

/** Lets things happen, in which each moment may concern any group. Returns the run that is there at the end. */
function play(
  groups: readonly ModelGroup[],
  begin: () => ModelRun,
  happenings: readonly (readonly [Moment, number])[],
  observe: (run: ModelRun) => void,
): ModelRun {
  let run = begin();
  for (const [moment, which] of happenings) {
    const group = groups[which % groups.length];
    if (!group) continue;
    if (moment.what === 'look') run.look();
    if (moment.what === 'time passes') for (const each of groups) each.timePasses();
    if (moment.what === 'power failure') group.fails(moment.at, moment.as);
    if (moment.what === 'scaling' && group.name === 'bridges') group.desired = moment.desired;
    if (moment.what === 'kill') run = begin();
    observe(run);
  }
  return run;
}

/** From here on nothing unusual happens. */
function settle(groups: readonly ModelGroup[], run: ModelRun): void {
  for (let turn = 0; turn < 200 && !run.ended; turn++) {
    for (const group of groups) group.timePasses();
    run.look();
  }
}

const versions = (groups: readonly ModelGroup[]) => [
  ...new Set(groups.flatMap(({ staying, launches }) => [launches, ...staying.map(({ version }) => version)])),
];

const happenings = moments.chain((all) =>
  fc.tuple(...all.map((moment) => fc.tuple(fc.constant(moment), fc.nat(2)))),
);

describe('whatever fails, scales or is killed during an upgrade', () => {
  it('all machines have the new release at its end, and whatever is launched later', () => {
    fc.assert(
      fc.property(happenings, (all) => {
        const groups = team('1');
        const run = play(
          groups,
          () => new ModelRun(groups, '2'),
          all,
          () => {},
        );
        settle(groups, run);
        expect(run.ended).toBe(true);
        expect(versions(groups)).toEqual(['2']);
      }),
    );
  });

  it('no shard begins before every bridge has the new release', () => {
    fc.assert(
      fc.property(happenings, (all) => {
        const groups = team('1');
        const [bridges, ...shards] = groups;
        const begun = new Set<ModelGroup>();
        play(
          groups,
          () => new ModelRun(groups, '2'),
          all,
          () => {
            for (const shard of shards) {
              if (!shard.refresh || begun.has(shard)) continue;
              begun.add(shard);
              expect(bridges?.refresh?.version).toBe('2');
            }
          },
        );
      }),
    );
  });

  it('a return at any moment ends with the release before everywhere', () => {
    fc.assert(
      fc.property(happenings, happenings, (before, after) => {
        const groups = team('1');
        play(
          groups,
          () => new ModelRun(groups, '2'),
          before,
          () => {},
        );
        const order = groups.toReversed();
        const run = play(
          groups,
          () => new ModelRun(order, '1'),
          after,
          () => {},
        );
        settle(groups, run);
        expect(run.ended).toBe(true);
        expect(versions(groups)).toEqual(['1']);
      }),
    );
  });
});
