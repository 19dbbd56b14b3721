import { describe, expect, it } from 'vitest';
import { type GroupFacts, type MemberFacts, nextStep, SERVING_LIMIT_MS } from './next-step.js';

const member = (version: string, state: MemberFacts['state'] = 'serving'): MemberFacts => ({
  version,
  state,
});
const refresh = (status: string, version = '2', followed = true, reason = '') => ({
  status,
  version,
  followed,
  reason,
});
const facts = (given: Partial<GroupFacts>): GroupFacts => ({
  wanted: '2',
  launches: '1',
  desired: 1,
  members: [member('1')],
  waited: 0,
  ...given,
});

describe('a group with old machines', () => {
  it('is refreshed', () => {
    expect(nextStep(facts({}))).toEqual({ do: 'start' });
  });

  it('waits until the new machine serves, and then goes on while meetings on the old one end', () => {
    const step = (...members: MemberFacts[]) => nextStep(facts({ refresh: refresh('InProgress'), members }));
    expect(step(member('1'))).toEqual({ do: 'wait', what: '1 old machine to leave' });
    expect(step(member('1'), member('2', 'starting'))).toEqual({
      do: 'wait',
      what: '1 new machine to serve',
    });
    expect(step(member('1'), member('2'))).toEqual({ do: 'wait', what: '1 old machine to leave' });
    expect(step(member('1', 'leaving'), member('2'))).toEqual({ do: 'go on', left: 1, ended: false });
  });

  it('is done when the refresh has ended and the group launches the new version', () => {
    const done = facts({ refresh: refresh('Successful'), launches: '2', members: [member('2')] });
    expect(nextStep(done)).toEqual({ do: 'go on', left: 0, ended: true });
  });

  it('has machines of the new version but launches the old one: it is refreshed, which only changes the group', () => {
    expect(nextStep(facts({ members: [member('2')] }))).toEqual({ do: 'start' });
  });

  it('is not done while the group has fewer machines than it should', () => {
    const lacking = facts({ desired: 2, launches: '2', members: [member('2')] });
    expect(nextStep(lacking)).toMatchObject({ do: 'wait' });
  });
});

describe('a replacement that fails', () => {
  it('is given up at the first machine that says that it cannot serve', () => {
    const failed = facts({
      refresh: refresh('InProgress'),
      failedLaunch: 'the action was abandoned',
      members: [member('1')],
    });
    expect(nextStep(failed)).toEqual({ do: 'give up', why: 'the action was abandoned' });
  });

  it('is given up when a machine does not serve in time', () => {
    const late = facts({
      refresh: refresh('InProgress'),
      members: [member('1'), member('2', 'starting')],
      waited: SERVING_LIMIT_MS + 1,
    });
    expect(nextStep(late)).toMatchObject({ do: 'give up' });
  });

  it.each(['Failed', 'Cancelled', 'RollbackSuccessful', 'RollbackFailed', 'RollbackInProgress'])(
    'is given up when Auto Scaling says %s',
    (status) => {
      expect(nextStep(facts({ refresh: refresh(status, '2', true, 'an alarm') }))).toEqual({
        do: 'give up',
        why: 'an alarm',
      });
    },
  );

  it('is tried again by the next run', () => {
    expect(nextStep(facts({ refresh: refresh('RollbackSuccessful', '2', false) }))).toEqual({ do: 'start' });
  });
});

describe('going back', () => {
  const back = (given: Partial<GroupFacts>) => nextStep(facts({ wanted: '1', ...given }));

  it('undoes a refresh in progress, waits for that, and has nothing more to do', () => {
    const both = [member('1'), member('2', 'starting')];
    expect(back({ refresh: refresh('InProgress'), members: both })).toEqual({ do: 'roll back' });
    expect(back({ refresh: refresh('RollbackInProgress'), members: both })).toMatchObject({ do: 'wait' });
    expect(back({ refresh: refresh('RollbackSuccessful') })).toMatchObject({ do: 'go on', ended: true });
  });

  it('refreshes a group that was replaced already', () => {
    expect(back({ refresh: refresh('Successful'), launches: '2', members: [member('2')] })).toEqual({
      do: 'start',
    });
  });

  it('does nothing with a group that was not begun', () => {
    expect(back({})).toEqual({ do: 'go on', left: 0, ended: true });
  });
});
