import { describe, expect, it } from 'vitest';
import { pickZones } from '../availability-zones.js';
import type { DnsAnswer } from '../dns/resolver.js';
import { type CertificateFacts, judgeCertificate } from './certificate.js';
import { exitCode } from './check.js';
import { judgeCaller } from './credentials.js';
import { demands } from './demand.js';
import { type Finding, finding, unanswered } from './finding.js';
import { judgeCaa, judgeDelegation, judgeName, judgeZone } from './hosted-zone.js';
import { judgeOffers, judgeTypes } from './instance-types.js';
import { judgeMail } from './mail.js';
import { judgeNames } from './name-conflicts.js';
import { judgeRoom, judgeVcpus } from './quotas.js';

/** State and text of each finding. */
const summaries = (findings: readonly Finding[]) => findings.map(({ state, said }) => `${state}: ${said}`);
/** Every problem says what to do. */
const helpful = (findings: readonly Finding[]) =>
  findings.filter(({ state }) => state === 'wrong').every(({ now }) => /^[A-Z].*\.$/s.test(now));

const fleet = {
  machines: { architecture: 'arm64', shard: 't4g.medium' },
  shards: 3,
  bridges: { min: 2, max: 11, types: ['c7g.xlarge', 'c6g.large'], spot: 50, schedule: [], timezone: 'UTC' },
} as const;
const vcpus = new Map([
  ['t4g.medium', 2],
  ['c7g.xlarge', 4],
  ['c6g.large', 2],
]);

describe('the demand of a file at its most', () => {
  it('is every shard, and every bridge of the maximum, rounded in favour of machines that stay', () => {
    expect(demands(fleet)).toEqual([
      { what: 'shards', role: 'shard', types: ['t4g.medium'], onDemand: 3, spot: 0 },
      { what: 'bridges', role: 'bridge', types: ['c7g.xlarge', 'c6g.large'], onDemand: 6, spot: 5 },
    ]);
  });

  it.each([
    [
      'room for all',
      [],
      { onDemand: 32, spot: 20 },
      [
        'fine: 30 at most, in addition to 0 in use; 32 allowed',
        'fine: 20 at most, in addition to 0 in use; 20 allowed',
      ],
    ],
    [
      'others take the room',
      [{ type: 'm7i.large', vcpus: 4, spot: false }],
      { onDemand: 32, spot: 64 },
      [
        'wrong: 30 at most, in addition to 4 in use; only 32 allowed',
        'fine: 20 at most, in addition to 0 in use; 64 allowed',
      ],
    ],
    [
      'spot has a quota of its own',
      [{ type: 'm7i.large', vcpus: 4, spot: true }],
      { onDemand: 64, spot: 20 },
      [
        'fine: 30 at most, in addition to 0 in use; 64 allowed',
        'wrong: 20 at most, in addition to 4 in use; only 20 allowed',
      ],
    ],
    [
      'other families do not count',
      [{ type: 'g5.xlarge', vcpus: 400, spot: false }],
      { onDemand: 30, spot: 20 },
      [
        'fine: 30 at most, in addition to 0 in use; 30 allowed',
        'fine: 20 at most, in addition to 0 in use; 20 allowed',
      ],
    ],
    [
      'nobody knows',
      [],
      { onDemand: Number.NaN, spot: 20 },
      ['unknown: AWS did not return the quota', 'fine: 20 at most, in addition to 0 in use; 20 allowed'],
    ],
  ])('%s', (_, others, most, expected) => {
    const found = judgeVcpus({ demands: demands(fleet), vcpus, others, most });
    expect(summaries(found)).toEqual(expected);
    expect(helpful(found)).toBe(true);
  });

  it('is unknown for a family with its own quota', () => {
    const found = judgeVcpus({
      demands: [{ what: 'shards', role: 'shard', types: ['g5g.xlarge'], onDemand: 1, spot: 0 }],
      vcpus: new Map([['g5g.xlarge', 4]]),
      others: [],
      most: { onDemand: 5, spot: 5 },
    });
    expect(summaries(found)).toEqual([
      'unknown: g5g.xlarge counts against a separate quota of its instance family',
    ]);
  });

  it('fits a quota that it fills exactly, and not a smaller one', () => {
    expect(judgeRoom({ subject: 'VPCs', most: 5, now: 4, wanted: 1 }).state).toBe('fine');
    expect(judgeRoom({ subject: 'VPCs', most: 5, now: 5, wanted: 1 })).toMatchObject({
      state: 'wrong',
      now: expect.stringContaining('an increase to 6'),
    });
  });
});

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

describe('an existing certificate', () => {
  const now = new Date('2026-11-24T12:00:00Z');
  const inDays = (days: number) => new Date(now.getTime() + days * 24 * 60 * 60_000);
  const good = {
    Status: 'ISSUED',
    DomainName: 'meet.example.org',
    NotAfter: inDays(90),
  } satisfies CertificateFacts;
  it.each<[string, CertificateFacts | undefined, Finding['state']]>([
    ['good', good, 'fine'],
    ['for the names below a domain', { ...good, DomainName: '*.example.org' }, 'fine'],
    [
      'for another among its names',
      { ...good, DomainName: 'example.org', SubjectAlternativeNames: ['meet.example.org'] },
      'fine',
    ],
    ['for the wrong domain', { ...good, DomainName: 'example.org' }, 'wrong'],
    ['for names further below', { ...good, DomainName: '*.org' }, 'wrong'],
    ['not yet issued', { ...good, Status: 'PENDING_VALIDATION' }, 'wrong'],
    ['ended', { ...good, NotAfter: inDays(-1) }, 'wrong'],
    ['ending soon', { ...good, NotAfter: inDays(10) }, 'wrong'],
    [
      'ending soon, but renewed by AWS',
      { ...good, NotAfter: inDays(10), RenewalEligibility: 'ELIGIBLE' },
      'fine',
    ],
    ['not there', undefined, 'wrong'],
  ])('%s', (_, detail, state) => {
    const found = judgeCertificate(detail, ['meet.example.org'], now);
    expect(found.state).toBe(state);
    expect(helpful([found])).toBe(true);
  });

  it('has to cover the name of TURN too, if TURN is enabled', () => {
    const wanted = ['meet.example.org', 'turn.meet.example.org'];
    const found = judgeCertificate(good, wanted, now);
    expect(found.state).toBe('wrong');
    expect(found.now).toContain('turn: off');
    const both = { ...good, SubjectAlternativeNames: ['*.meet.example.org'] };
    expect(judgeCertificate(both, wanted, now).state).toBe('fine');
  });
});

describe('names', () => {
  const free = { name: 'meet', stack: undefined, bootstrap: false, bucket: 'free' } as const;
  const own = { status: 'UPDATE_COMPLETE', ours: true } as const;
  it.each([
    ['free', free, 'fine'],
    ['its own', { ...free, stack: own, bootstrap: true, bucket: 'own' }, 'fine'],
    [
      'its own, after an update taken back',
      { ...free, stack: { ...own, status: 'UPDATE_ROLLBACK_COMPLETE' }, bootstrap: true, bucket: 'own' },
      'fine',
    ],
    ['another’s stack', { ...free, stack: { status: 'CREATE_COMPLETE', ours: false } }, 'wrong'],
    ['another’s bucket', { ...free, bucket: 'others' }, 'wrong'],
    [
      'left by an attempt that failed',
      { ...free, stack: { ...own, status: 'ROLLBACK_COMPLETE' }, bootstrap: true, bucket: 'own' },
      'fine',
    ],
    ['a bucket left alone', { ...free, bucket: 'own' }, 'wrong'],
  ] as const)('%s', (_, facts, state) => {
    const found = judgeNames(facts);
    expect(found.state).toBe(state);
    expect(helpful([found])).toBe(true);
  });
});

describe('the caller', () => {
  const arn = 'arn:aws:iam::123456789012:user/convoke/convoke-meet-deployer-eu-central-1';
  it.each([
    [0.4, 'fine: as AWS’s'],
    [-90, 'fine: 90 s behind AWS’s'],
    [301, 'wrong: this machine’s clock is 301 s ahead of AWS’s; AWS allows five minutes'],
    [undefined, 'unknown: AWS did not return its time'],
  ])('with a clock off by %s seconds', (skew, said) => {
    const found = judgeCaller({ account: '123456789012', arn, ...(skew !== undefined && { skew }) });
    expect(summaries(found)).toEqual([
      'fine: account 123456789012, as user/convoke/convoke-meet-deployer-eu-central-1',
      said,
    ]);
  });
});

describe('a query without an answer', () => {
  const error = (name: string, message = '') => Object.assign(new Error(message), { name });
  it.each([
    ['no right to ask', error('AccessDenied', 'User is not authorized to perform: x:Y'), 'unknown'],
    ['a cloud that does not know it', error('InvalidAction', 'x is not valid'), 'unknown'],
    ['AWS out of order', error('InternalFailure', 'We encountered an internal error'), 'failed'],
    ['too many questions', error('Throttling', 'Rate exceeded'), 'failed'],
    ['something unforeseen', error('Odd', 'odd'), 'failed'],
  ])('%s', async (_, thrown, state) => {
    const [found] = await finding(
      'x',
      () => Promise.reject(thrown),
      () => [],
    );
    expect(found?.state).toBe(state);
  });

  it.each([
    ['ExpiredToken', 'CredentialsExpired'],
    ['InvalidClientTokenId', 'CredentialsWrong'],
    ['RequestTimeTooSkewed', 'ClockWrong'],
    ['ECONNREFUSED', 'NoConnection'],
  ])('ends the check if no other would be answered: %s', (name, known) => {
    expect(() => unanswered('x', error(name))).toThrow(expect.objectContaining({ name: known }));
  });
});

it('ends with 2 for problems, with 1 if AWS failed, and with 0 for what could not be determined', () => {
  const state = (...states: Finding['state'][]) =>
    exitCode(states.map((one) => ({ subject: '', state: one, said: '', now: '' })));
  expect(state('fine', 'unknown')).toBe(0);
  expect(state('fine', 'failed')).toBe(1);
  expect(state('failed', 'wrong', 'unknown')).toBe(2);
});
