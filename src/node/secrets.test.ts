import { describe, expect, it } from 'vitest';
import { bridgePasswords, parseSeed, password, shardPasswords } from './secrets.js';

const seed = 'a seed of at least thirty-two characters';
const bridgeSeed = 'another seed of thirty-two characters';

describe('passwords', () => {
  it('are the same on every machine of a deployment', () => {
    expect(shardPasswords(seed, bridgeSeed)).toEqual(shardPasswords(seed, bridgeSeed));
    expect(shardPasswords(seed, bridgeSeed)).toMatchObject(bridgePasswords(bridgeSeed));
  });

  it('of shards do not depend on what bridges know', () => {
    const { bridge: _, ...own } = shardPasswords(seed, bridgeSeed);
    expect(shardPasswords(seed, `${bridgeSeed}!`)).toMatchObject(own);
    expect(Object.keys(bridgePasswords(bridgeSeed))).toEqual(['bridge']);
  });

  it('differ by purpose and by seed, and hold nothing that a syntax has to escape', () => {
    const all = [
      password(seed, 'focus'),
      password(seed, 'jvb'),
      password(seed, 'tokens'),
      password(`${seed}!`, 'focus'),
    ];
    expect(new Set(all).size).toBe(4);
    for (const one of all) expect(one).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });
});

describe('parseSeed', () => {
  it('takes the seed out of the secret', () => {
    expect(parseSeed(JSON.stringify({ seed }), 'name')).toBe(seed);
  });

  it.each(['', 'hunter2', '{"seed":"hunter2"}', '{}'])('never shows what is in a bad secret (%j)', (text) => {
    try {
      parseSeed(text, 'name');
      expect.unreachable();
    } catch (error) {
      expect(JSON.stringify([String(error), error])).not.toContain('hunter2');
      expect(String(error)).toContain('does not hold a seed');
    }
  });
});
