import { expect, it } from 'vitest';
import { type Found, isHeld } from './lock.js';

const now = new Date('2026-11-25T12:00:00Z');
const lock = (changes: { host?: string; pid?: number; ago?: number } = {}): Found => ({
  holder: {
    verb: 'up',
    who: 'arn:aws:iam::123456789012:user/ada',
    host: changes.host ?? 'there',
    pid: changes.pid ?? 7,
    since: '2026-11-25T11:00:00Z',
  },
  renewed: new Date(now.getTime() - (changes.ago ?? 20) * 1000),
});
const here = { host: 'here', isAlive: (pid: number) => pid === 7 };

it.each([
  ['somebody elsewhere gave a sign of life just now', lock(), true],
  ['somebody elsewhere whose clock is ahead', lock({ ago: -200 }), true],
  ['somebody elsewhere has been silent for long', lock({ ago: 300 }), false],
  ['a process of this machine is alive', lock({ host: 'here' }), true],
  ['a process of this machine was killed, a moment ago', lock({ host: 'here', pid: 8 }), false],
  ['a process of that number lives here, but the lock is another machine’s', lock({ pid: 8 }), true],
])('%s', (_, found, held) => {
  expect(isHeld(found, now, here)).toBe(held);
});
