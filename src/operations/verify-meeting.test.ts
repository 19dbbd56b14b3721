import { describe, expect, it } from 'vitest';
import { assertCanMeet } from './verify-meeting.js';

describe('the options of a probe', () => {
  it.each([
    ['two browsers, who would talk without the bridge', { participants: 2 }],
    ['more browsers than a machine bears', { participants: 51 }],
    ['a room that has no address', { room: 'a/b' }],
    ['a room without a name', { room: ' ' }],
  ])('do not allow %s', (_, wanted) => {
    expect(() => assertCanMeet(wanted)).toThrow(
      expect.objectContaining({ name: 'CannotProbe', fault: 'user' }),
    );
  });

  it('are three browsers in a unique room, or more in a given one', () => {
    expect(() => assertCanMeet({})).not.toThrow();
    expect(() => assertCanMeet({ room: 'Café on Monday', participants: 50 })).not.toThrow();
  });
});
