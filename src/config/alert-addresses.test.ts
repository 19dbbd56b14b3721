import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { GOOD, refusalOf } from '../../test/refusal.js';
import { parseDeployment } from './load.js';

describe('alerts', () => {
  const parse = (alerts: unknown) => parseDeployment(stringify({ ...GOOD, alerts }), 'convoke.yaml').alerts;

  it('go to one address, or to several and to webhooks', () => {
    expect(parse('a@example.org')).toEqual({ emails: ['a@example.org'], webhooks: [] });
    expect(parse(['https://hooks.example.org/services/T0/B0?x=1', 'a@example.org', 'b@example.org'])).toEqual(
      {
        emails: ['a@example.org', 'b@example.org'],
        webhooks: ['https://hooks.example.org/services/T0/B0?x=1'],
      },
    );
    expect(parse(['a@example.org', 'https://hooks.example.org/@ada'])).toEqual({
      emails: ['a@example.org'],
      webhooks: ['https://hooks.example.org/@ada'],
    });
  });

  it.each([
    [
      'a webhook without encryption',
      ['a@example.org', 'http://hooks.example.org/'],
      /neither a mail address/,
    ],
    ['an address of a machine', ['a@example.org', 'https://169.254.169.254/'], /neither a mail address/],
    ['several lines', ['a@example.org', 'https://example.org/\nhttps://other.org'], /neither a mail address/],
    ['webhooks only', ['https://hooks.example.org/x'], /needs at least one mail address/],
    [
      'an umlaut in a list',
      ['a@example.org', 'ops@münchen.example'],
      /ASCII for AWS: ops@xn--mnchen-3ya\.example/,
    ],
    [
      'an umlaut in the mailbox of an address',
      ['a@example.org', 'müller@example.org'],
      /has "müller@example\.org", which has non-ASCII letters before the @, to which AWS cannot send mail/,
    ],
    ['too many', Array(11).fill('a@example.org'), /more than 10/],
    ['an address twice', ['a@example.org', 'A@example.org'], /has A@example\.org twice; remove one/],
    ['a single webhook', 'https://hooks.example.org/x', /needs at least one mail address: give a list/],
    ['a webhook with a user name', 'https://ada@hooks.example.org/x', /needs at least one mail address/],
    ['something else', { mail: 'a@example.org' }, /unknown form/],
  ])('do not go to %s', (_, alerts, said) => {
    expect(refusalOf(stringify({ ...GOOD, alerts }))).toMatch(said);
  });
});
