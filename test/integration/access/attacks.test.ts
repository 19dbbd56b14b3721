import { beforeAll, describe, expect, it } from 'vitest';
import { signToken } from '../../../src/contract/tokens.js';
import { sampleFacts } from '../../sample-facts.js';
import { answersIn, inShard } from '../shard.js';
import type { Attack } from './attacker.js';

/** One of two shards, because only then does an edge close the WebSockets of a shard that fails its checks. */
const factsFor = (access: 'open' | 'members') =>
  sampleFacts({ spec: { access, shards: ['a', 'b'], colocatedBridge: false } });

async function attack(access: 'open' | 'members'): Promise<Attack> {
  const facts = factsFor(access);
  const { domain } = facts.spec;
  const now = new Date();
  const visit = async (room: string) => ({
    domain,
    room,
    token:
      access === 'open'
        ? null
        : await signToken({ domain, room, id: room, moderator: true }, facts.passwords.tokens, {
            now,
            expires: new Date(now.getTime() + 3_600_000),
          }),
  });
  const output = await inShard(facts, {
    program: './test/integration/access/attacker.ts',
    plan: {
      domain,
      address: facts.instance.privateAddress,
      mine: await visit('mine'),
      theirs: await visit('theirs'),
    },
  });
  return answersIn(output);
}

const seenBy = {} as Record<'members' | 'open', Attack>;

describe.each(['members', 'open'] as const)('an attacker on a shard with access "%s"', (access) => {
  let seen: Attack;
  beforeAll(async () => {
    seen = await attack(access);
    seenBy[access] = seen;
  }, 300_000);

  it('cannot make the shard unavailable by requesting rooms that do not exist', () => {
    expect(new Set(seen.flood)).toEqual(new Set([404]));
    expect(seen.floodTook).toBeLessThan(5_000);
    expect(seen.failedChecks).toBe(0);
    expect(seen.theyStay).toBe(true);
    expect(seen.newcomer).toBe(200);
    expect(seen.newcomerTook).toBeLessThan(2_000);
  });

  it('can open breakout rooms of their own meeting only', () => {
    expect(seen.breakout.mine).toEqual({ status: 200, opened: 1 });
    expect(seen.breakout.theirs).toEqual({ status: 404, opened: 0 });
  });

  it.each([
    ['another room in the address', 400],
    ['two rooms in the address', 400],
    ['another room to HAProxy only', 400],
    ['no room in the address', 400],
    ['another room if read as GBK', 415],
    ['another room if read as Shift_JIS', 415],
    ['not UTF-8', 400],
    ['a form', 415],
    ['the room twice, the other one last', 400],
    ['something after the end', 400],
    ['a prototype', 400],
    ['an escaped name', 400],
    ['a resource', 400],
    ['a zero byte', 400],
    ['half a character', 400],
    ['a name that stringprep changes', 400],
    ['a tenant by its inner name', 400],
    ['a room of bridges', 400],
    ['a lobby', 400],
    ['a room elsewhere', 400],
    ['a number', 400],
    ['no JSON', 400],
    ['another room', 400],
  ])('opens no conference by requesting %s', (name, status) => {
    expect(seen.attempts[name]).toEqual({ status, opened: 0 });
  });

  it('reaches no other part of Jicofo, with any method and path', () => {
    expect(new Set(Object.values(seen.methods))).toEqual(new Set([405]));
    expect(seen.pinned).toBe('');
  });
});

describe('a participant of a meeting for members', () => {
  const OURS = 'The token is for another meeting';

  it.each(['message', 'iq', 'jicofo'])('cannot reach accounts of other meetings (%s)', (name) => {
    expect(seenBy.members.past[name]).toBe('service-unavailable');
  });

  it.each(['their-lobby', 'their-room', 'no-breakout', 'message-to-room', 'bridges'])(
    'cannot send stanzas outside of their own meeting (%s)',
    (name) => {
      expect(seenBy.members.past[name]).toBe(OURS);
    },
  );

  it.each(['my-lobby', 'service'])('reaches what belongs to their own meeting (%s)', (name) => {
    expect(seenBy.members.past[name]).not.toBe(OURS);
  });

  it('cannot send anything to participants of another meeting', () => {
    expect(seenBy.members.heard).toBe(false);
  });
});
