import { describe, expect, it } from 'vitest';
import { helpful } from '../../../test/sample-check.js';
import { type CertificateFacts, judgeCertificate } from './certificate.js';
import type { Finding } from './finding.js';

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
