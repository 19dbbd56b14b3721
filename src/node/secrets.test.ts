import { describe, expect, it } from 'vitest';
import { bridgePasswords, parseSeed, password, recorderPasswords, shardPasswords } from './secrets.js';

const seed = 'a seed of at least thirty-two characters';
const bridgeSeed = 'another seed of thirty-two characters';

describe('passwords', () => {
  it('are the same on every machine of a deployment', () => {
    expect(shardPasswords(seed, bridgeSeed)).toEqual(shardPasswords(seed, bridgeSeed));
    expect(shardPasswords(seed, bridgeSeed)).toMatchObject(bridgePasswords(bridgeSeed));
  });

  it('of shards cannot be derived from the bridges’ seed', () => {
    const { bridge: _, ...own } = shardPasswords(seed, bridgeSeed);
    expect(shardPasswords(seed, `${bridgeSeed}!`)).toMatchObject(own);
    expect(Object.keys(bridgePasswords(bridgeSeed))).toEqual(['bridge']);
  });

  it('of recorders are derived from their own seed, and there are none without one', () => {
    const recorderSeed = 'a third seed of thirty-two characters';
    const { recorder, ...others } = shardPasswords(seed, bridgeSeed, recorderSeed);
    expect(recorder).toEqual(recorderPasswords(recorderSeed));
    expect(others).toEqual(shardPasswords(seed, bridgeSeed));
  });

  it('differ by purpose and seed, and need no escaping', () => {
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
  it('reads the seed from the secret', () => {
    expect(parseSeed(JSON.stringify({ seed }), 'name')).toBe(seed);
  });

  it.each(['', 'hunter2', '{"seed":"hunter2"}', '{}'])(
    'never shows the content of an invalid secret (%j)',
    (text) => {
      try {
        parseSeed(text, 'name');
        expect.unreachable();
      } catch (error) {
        expect(JSON.stringify([String(error), error])).not.toContain('hunter2');
        expect(String(error)).toContain('does not hold a seed');
      }
    },
  );
});
