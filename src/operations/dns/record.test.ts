import { describe, expect, it } from 'vitest';
import { notIssued, proofs } from './certificate.js';
import { judgeRecord } from './record.js';
import type { DnsAnswer } from './resolver.js';

const records = (...all: string[]): DnsAnswer<string> => ({ kind: 'records', records: all });
const none = { kind: 'none' } as const;
const nobody = { kind: 'no such name' } as const;
const silent = { kind: 'no answer', why: 'ETIMEOUT' } as const;
const record = {
  name: 'meet.example.org',
  type: 'CNAME',
  value: 'x.elb.amazonaws.com',
  purpose: '',
} as const;

describe('a manual record', () => {
  const addresses = (name: DnsAnswer<string>) => ({ name, value: records('203.0.113.1', '203.0.113.2') });
  it.each([
    ['is there, in whatever case', { alias: records('X.elb.amazonaws.com.') }, 'seen', ''],
    [
      'is an ALIAS, of which only addresses are seen',
      { alias: none, addresses: addresses(records('203.0.113.2')) },
      'seen',
      '',
    ],
    [
      'leads there by way of another name',
      { alias: records('meet.example.net'), addresses: addresses(records('203.0.113.1')) },
      'seen',
      '',
    ],
    ['leads elsewhere', { alias: records('parking.example.net') }, 'wrong', 'points to parking.example.net'],
    [
      'is another address',
      { alias: none, addresses: addresses(records('198.51.100.7')) },
      'wrong',
      'points to 198.51.100.7',
    ],
    ['is not there', { alias: nobody, addresses: addresses(nobody) }, 'missing', ''],
    ['cannot be looked for', { alias: silent }, 'unknown', 'ETIMEOUT'],
  ])('%s', (_, sight, state, detail) => {
    expect(judgeRecord(record, sight)).toEqual({ ...record, state, detail });
  });
});

it('a name and the names below it are proven by one record, which is shown once', () => {
  const ResourceRecord = {
    Name: '_a.example.org.',
    Type: 'CNAME',
    Value: '_b.acm-validations.aws.',
  } as const;
  const detail = {
    DomainValidationOptions: ['example.org', '*.example.org'].map((DomainName) => ({
      DomainName,
      ResourceRecord,
    })),
  };
  expect(proofs(detail)).toMatchObject([{ name: '_a.example.org', value: '_b.acm-validations.aws' }]);
  expect(proofs({ DomainValidationOptions: [{ DomainName: 'example.org' }] })).toEqual([]);
});

it.each([
  ['FAILED', 'CAA_ERROR', /CAA record 0 issue "amazon.com"/],
  ['FAILED', 'DOMAIN_NOT_ALLOWED', /another domain/],
  ['FAILED', 'OTHER', /requests another certificate/],
  ['VALIDATION_TIMED_OUT', undefined, /requests another certificate/],
] as const)('a certificate that is %s (%s) says what to do', (Status, FailureReason, now) => {
  const error = notIssued('meet.example.org', { Status, FailureReason });
  expect(error).toMatchObject({ name: 'CertificateNotIssued', exitCode: 2, now: expect.stringMatching(now) });
  expect(error.why).not.toBe('');
});
