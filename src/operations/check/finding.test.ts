import { describe, expect, it } from 'vitest';
import { exitCode } from './check.js';
import { type Finding, finding, unanswered } from './finding.js';

describe('a query without an answer', () => {
  const error = (name: string, message = '') => Object.assign(new Error(message), { name });
  it.each([
    ['no right to ask', error('AccessDenied', 'User is not authorized to perform: x:Y'), 'unknown'],
    ['a cloud that does not know it', error('InvalidAction', 'x is not valid'), 'unknown'],
    ['AWS out of order', error('InternalFailure', 'We encountered an internal error'), 'failed'],
    ['too many questions', error('Throttling', 'Rate exceeded'), 'failed'],
    ['something unforeseen', error('Odd', 'odd'), 'failed'],
  ])('%s', async (_, thrown, state) => {
    const [found] = await finding(
      'x',
      () => Promise.reject(thrown),
      () => [],
    );
    expect(found?.state).toBe(state);
  });

  it.each([
    ['ExpiredToken', 'CredentialsExpired'],
    ['InvalidClientTokenId', 'CredentialsWrong'],
    ['RequestTimeTooSkewed', 'ClockWrong'],
    ['ECONNREFUSED', 'NoConnection'],
  ])('ends the check if no other would be answered: %s', (name, known) => {
    expect(() => unanswered('x', error(name))).toThrow(expect.objectContaining({ name: known }));
  });
});

it('ends with 2 for problems, with 1 if AWS failed, and with 0 for what could not be determined', () => {
  const state = (...states: Finding['state'][]) =>
    exitCode(states.map((one) => ({ subject: '', state: one, said: '', now: '' })));
  expect(state('fine', 'unknown')).toBe(0);
  expect(state('fine', 'failed')).toBe(1);
  expect(state('failed', 'wrong', 'unknown')).toBe(2);
});
