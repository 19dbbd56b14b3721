import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { roomComplaint, roomKey } from './room.js';

describe('roomKey', () => {
  it.each([
    ['Standup', 'standup'],
    ['My Room', 'my%20room'],
    ['My%20Room', 'my%20room'],
    ['Café', 'caf%c3%a9'],
    ['Cafe\u0301', 'caf%c3%a9'],
    ['ＡＢＣ', 'abc'],
    ['100%', '100%25'],
  ])('of %j is %j, as for the client', (name, key) => {
    expect(roomKey(name)).toBe(key);
  });

  it('is the same for a room and for its key', () => {
    const plain = fc.string({ unit: 'binary' }).filter((name) => !name.includes('%'));
    fc.assert(fc.property(plain, (name) => roomKey(roomKey(name)) === roomKey(name)));
  });

  it('never throws', () => {
    expect(roomKey('\ud800')).toBe(roomKey('\ufffd'));
  });
});

describe('roomComplaint', () => {
  it.each(['standup', 'Town Hall 2026', 'Café-Runde', 'a.b_c~d', '会議'])('accepts %j', (name) => {
    expect(roomComplaint(name)).toBeUndefined();
  });

  it.each([
    '',
    '  ',
    ' a',
    'a/b',
    '../x',
    '..',
    'a?b',
    'a#b',
    'a&b',
    'a%2fb',
    'a\nb',
    'a"b',
    '<b>',
    'x'.repeat(1024),
  ])('refuses %j', (name) => {
    expect(roomComplaint(name)).toBeTypeOf('string');
  });
});
