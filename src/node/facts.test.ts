import { describe, expect, it } from 'vitest';
import { sampleFacts } from '../../test/sample-facts.js';
import { ConvokeError } from '../contract/errors.js';
import { parseSpec } from './facts.js';

const spec = sampleFacts().spec;

describe('parseSpec', () => {
  it('parses the specification that the stack writes', () => {
    expect(parseSpec(JSON.stringify(spec))).toEqual(spec);
  });

  it('names the field that is wrong and what to do', () => {
    const act = () => parseSpec(JSON.stringify({ ...spec, shard: 'A1' }));
    expect(act).toThrow(ConvokeError);
    try {
      act();
    } catch (error) {
      expect((error as ConvokeError).why).toContain('shard');
      expect((error as ConvokeError).now).toContain('convoke up');
    }
  });

  it('refuses unknown fields, because the stack would be of another release', () => {
    expect(() => parseSpec(JSON.stringify({ ...spec, colour: 'red' }))).toThrow(
      /not a machine specification/,
    );
  });

  it.each(['meet.example.org"', 'a b.example', 'https://meet.example.org', 'localhost'])(
    'refuses the domain %j',
    (domain) => {
      expect(() => parseSpec(JSON.stringify({ ...spec, domain }))).toThrow(/not a machine specification/);
    },
  );
});
