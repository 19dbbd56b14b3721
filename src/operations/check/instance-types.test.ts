import { describe, expect, it } from 'vitest';
import { fleet, helpful, summaries } from '../../../test/sample-check.js';
import { pickZones } from '../availability-zones.js';
import { demands } from './demand.js';
import { judgeOffers, judgeTypes } from './instance-types.js';

describe('types of machines', () => {
  const known = [
    { name: 't4g.medium', vcpus: 2, memory: 4, architectures: ['arm64'] },
    { name: 't4g.micro', vcpus: 2, memory: 1, architectures: ['arm64'] },
    { name: 'm1.small', vcpus: 1, memory: 1.7, architectures: ['x86_64'] },
    { name: 'c7i.large', vcpus: 2, memory: 4, architectures: ['x86_64'] },
  ];
  it.each([
    ['t4g.medium', 'arm64', ['fine: arm64, with enough memory']],
    ['t4g.medium', 'amd64', ['wrong: t4g.medium is arm64, but machines.architecture is amd64']],
    ['c7i.large', 'arm64', ['wrong: c7i.large is x86_64, but machines.architecture is arm64']],
    [
      't4g.micro',
      'arm64',
      ['wrong: t4g.micro has 1 GiB of memory, and a shard needs at least 2 GiB: use t4g.small or larger'],
    ],
    [
      'm1.small',
      'amd64',
      ['wrong: m1.small has 1.7 GiB of memory, and a shard needs at least 2 GiB: use a larger size'],
    ],
    ['t4g.mediun', 'arm64', ['wrong: this region has no t4g.mediun']],
  ] as const)('%s on %s', (type, architecture, expected) => {
    const found = judgeTypes({
      demands: [{ what: 'shards', role: 'shard', types: [type], onDemand: 1, spot: 0 }],
      architecture,
      known,
    });
    expect(summaries(found)).toEqual(expected);
    expect(helpful(found)).toBe(true);
  });

  it.each([
    [
      'all types in both',
      { 't4g.medium': 'ab', 'c7g.xlarge': 'ab', 'c6g.large': 'ab' },
      ['fine: offered in a and b'],
    ],
    [
      'one of several will do',
      { 't4g.medium': 'ab', 'c7g.xlarge': 'a', 'c6g.large': 'b' },
      ['fine: offered in a and b'],
    ],
    [
      'none of several in one',
      { 't4g.medium': 'abc', 'c7g.xlarge': 'a', 'c6g.large': 'c' },
      ['fine: offered in a and c'],
    ],
    [
      'none of several but in one',
      { 't4g.medium': 'abc', 'c7g.xlarge': 'c', 'c6g.large': '' },
      ['wrong: c7g.xlarge, c6g.large are offered in c only'],
    ],
    [
      'two zones each, but one in common',
      { 't4g.medium': 'ab', 'c7g.xlarge': 'bc', 'c6g.large': '' },
      ['wrong: no two zones offer all of t4g.medium, c7g.xlarge, c6g.large'],
    ],
    [
      'the shard’s in none',
      { 't4g.medium': '', 'c7g.xlarge': 'ab', 'c6g.large': '' },
      ['wrong: t4g.medium is offered in no zone'],
    ],
  ])('in zones: %s', (_, offers, expected) => {
    const found = judgeOffers({
      demands: demands(fleet),
      zones: ['a', 'b', 'c'],
      deployed: [],
      offers: new Map(Object.entries(offers).map(([type, zones]) => [type, zones.split('')])),
    });
    expect(summaries(found)).toEqual(expected);
    expect(helpful(found)).toBe(true);
  });

  it('require two zones', () => {
    const facts = { demands: [], zones: ['a'], offers: new Map(), deployed: [] };
    expect(summaries(judgeOffers(facts))).toEqual(['wrong: the account can use only a in this region']);
  });

  it('stay in their zones, even if others have them too', () => {
    const facts = {
      demands: demands(fleet),
      zones: ['a', 'b', 'c'],
      offers: new Map([
        ['t4g.medium', ['a', 'b']],
        ['c7g.xlarge', ['a', 'b', 'c']],
      ]),
      deployed: ['b', 'c'],
    };
    expect(pickZones(facts)).toEqual(['b', 'c']);
    expect(summaries(judgeOffers(facts))).toEqual(['wrong: t4g.medium is offered in a, b only']);
    expect(pickZones({ ...facts, deployed: [] })).toEqual(['a', 'b']);
  });

  it('choose the first two zones that offer them, not the first two of the account', () => {
    // As in us-east-1, where one zone has no Graviton.
    const facts = {
      demands: demands(fleet),
      zones: ['a', 'b', 'c', 'd'],
      offers: new Map([
        ['t4g.medium', ['a', 'c', 'd']],
        ['c7g.xlarge', ['a', 'b', 'c', 'd']],
      ]),
      deployed: [],
    };
    expect(pickZones(facts)).toEqual(['a', 'c']);
  });
});
