import { describe, expect, it } from 'vitest';
import { assertInvitable } from './invite.js';

const members = { name: 'meet', domain: 'meet.example.org', access: 'members' } as const;
const asked = (changes: object) => () =>
  assertInvitable({ deployment: members, room: 'standup', ...changes });

describe('an invitation', () => {
  it('is for a room with a name that a URL can contain, for a minute to a year', () => {
    expect(
      asked({ name: 'Ada Lovelace', email: 'ada@example.org', validFor: 60_000, copies: 30 }),
    ).not.toThrow();
    expect(asked({ validFor: 365 * 24 * 3600_000 })).not.toThrow();
  });

  it('is not needed if meetings are open', () => {
    const open = { ...members, access: 'open' } as const;
    expect(asked({ deployment: open })).toThrow(/open: anyone who knows the name/);
  });

  it.each([
    [{ room: '' }, /The room "" is empty/],
    [{ room: '../admin' }, /a slash/],
    [{ room: 'a?jwt=x' }, /character \?/],
    [{ name: '' }, /The name is empty/],
    [{ name: 'a\u0000b' }, /invisible characters/],
    [{ name: 'x'.repeat(201) }, /longer than 200/],
    [{ email: 'ada' }, /not a mail address/],
    [{ validFor: 0 }, /at least a minute and at most 365 days/],
    [{ validFor: 366 * 24 * 3600_000 }, /at least a minute and at most 365 days/],
    [{ validFor: Number.NaN }, /at least a minute/],
    [{ copies: 0 }, /from 1 to 1000/],
    [{ copies: Number.NaN }, /from 1 to 1000/],
  ])('is refused for %j', (changes, said) => {
    try {
      asked(changes)();
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({
        name: 'CannotInvite',
        exitCode: 2,
        message: expect.stringMatching(said),
      });
    }
  });
});
