import { describe, expect, it } from 'vitest';
import { helpful } from '../../../test/sample-check.js';
import type { DnsAnswer } from '../dns/resolver.js';
import { judgeCaa, judgeDelegation, judgeName, judgeZone } from './hosted-zone.js';
import { judgeMail } from './mail.js';

describe('the domain', () => {
  const none = { kind: 'none' } as const;
  const nobody = { kind: 'no such name' } as const;
  const silent = { kind: 'no answer', why: 'ETIMEOUT' } as const;
  const records = <T>(...all: T[]): DnsAnswer<T> => ({ kind: 'records', records: all });

  it.each([
    [['Z1'], 'fine'],
    [[], 'wrong'],
    [['Z1', 'Z2'], 'wrong'],
  ])('with zones %j is %s', (ids, state) => {
    const found = judgeZone('example.org', ids);
    expect(found.state).toBe(state);
    expect(helpful([found])).toBe(true);
  });

  it.each([
    ['this zone’s', records('NS-1.awsdns-1.org.', 'ns-2.awsdns-2.com'), 'fine'],
    ['another zone’s', records('ns1.registrar.example'), 'wrong'],
    ['partly another’s', records('ns-1.awsdns-1.org', 'ns1.registrar.example'), 'wrong'],
    ['none', none, 'wrong'],
    ['no such name', nobody, 'wrong'],
    ['no network', silent, 'unknown'],
    ['a cloud of its own', undefined, 'unknown'],
  ])('delegation: %s', (_, seen, state) => {
    const [found] = judgeDelegation({
      zone: 'example.org',
      servers: ['ns-1.awsdns-1.org', 'ns-2.awsdns-2.com'],
      seen,
    });
    expect(found?.state).toBe(state);
    if (state === 'wrong') expect(found?.now).toContain('ns-1.awsdns-1.org, ns-2.awsdns-2.com');
  });

  it.each([
    ['free', [], 'fine'],
    [
      'its own',
      [
        {
          Type: 'A',
          AliasTarget: {
            DNSName: 'convoke-meet-1.elb.amazonaws.com.',
            HostedZoneId: 'Z',
            EvaluateTargetHealth: true,
          },
        },
      ],
      'fine',
    ],
    ['a proof beside it', [{ Type: 'TXT' }], 'fine'],
    ['an address', [{ Type: 'A' }], 'wrong'],
    ['an alias', [{ Type: 'CNAME' }], 'wrong'],
    [
      'a deployment whose name begins alike',
      [
        {
          Type: 'A',
          AliasTarget: {
            DNSName: 'convoke-meeting-1.elb.amazonaws.com.',
            HostedZoneId: 'Z',
            EvaluateTargetHealth: true,
          },
        },
      ],
      'wrong',
    ],
  ] as const)('name: %s', (_, found, state) => {
    const judged = judgeName({ name: 'meet', domain: 'meet.example.org' }, [...found]);
    expect(judged.state).toBe(state);
    expect(helpful([judged])).toBe(true);
  });

  it.each([
    ['none', none, 'fine'],
    [
      'Amazon among others',
      records({ issue: 'letsencrypt.org' }, { issue: 'amazon.com; account=1' }),
      'fine',
    ],
    ['only another', records({ issue: 'letsencrypt.org' }), 'wrong'],
    ['nobody', records({ issue: ';' }), 'wrong'],
    ['only about wildcards', records({}), 'fine'],
    ['no network', silent, 'unknown'],
  ])('CAA: %s', (_, answer, state) => {
    const found = judgeCaa(answer);
    expect(found.state).toBe(state);
    expect(helpful([found])).toBe(true);
  });

  it.each([
    ['exchangers', records({ exchange: 'mx.example.org' }), false, 'fine'],
    ['the null exchanger', records({ exchange: '' }), false, 'wrong'],
    ['none, but an address', none, true, 'fine'],
    ['neither', none, false, 'wrong'],
    ['no such host', nobody, false, 'wrong'],
    ['no network', silent, false, 'unknown'],
  ])('mail: %s', (_, exchangers, direct, state) => {
    const found = judgeMail('ops@example.org', exchangers, direct);
    expect(found.state).toBe(state);
    expect(helpful([found])).toBe(true);
  });
});
