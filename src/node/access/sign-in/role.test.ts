import { describe, expect, it } from 'vitest';
import { roleOf } from './role.js';

const issuer = 'https://id.example.org';
const GOOGLE = 'https://accounts.google.com';
const domains = { issuer, allow: { domains: ['example.org'] } };
const teachers = { claim: 'groups', values: ['teachers', '7'] };

describe('a domain', () => {
  it.each([
    ['a verified address', { email: 'Ada@Example.ORG', email_verified: true }, 'host'],
    ['a verified address, as text', { email: 'ada@example.org', email_verified: 'true' }, 'host'],
    ['an unverified address', { email: 'ada@example.org', email_verified: false }, undefined],
    ['an address about which the provider says nothing', { email: 'ada@example.org' }, undefined],
    ['another domain that ends like it', { email: 'ada@notexample.org', email_verified: true }, undefined],
    ['a subdomain', { email: 'ada@x.example.org', email_verified: true }, undefined],
    ['two at signs', { email: 'ada@example.org@example.net', email_verified: true }, undefined],
    ['no address', {}, undefined],
  ])('with %s', (_, claims, role) => {
    expect(roleOf(claims, domains)).toBe(role);
  });

  it('at Google is that of the organisation, not that of an address which somebody once had there', () => {
    const login = { ...domains, issuer: GOOGLE };
    expect(roleOf({ hd: 'example.org', email: 'ada@example.org', email_verified: true }, login)).toBe('host');
    expect(roleOf({ email: 'ada@example.org', email_verified: true }, login)).toBeUndefined();
  });
});

describe('a claim', () => {
  it.each([
    [{ groups: ['pupils', 'teachers'] }, 'host'],
    [{ groups: 'teachers' }, 'host'],
    [{ groups: [7] }, 'host'],
    [{ groups: ['pupils'] }, undefined],
    [{ groups: 'teachers,pupils' }, undefined],
    [{ groups: { teachers: true } }, undefined],
    [{ groups: null }, undefined],
    [{}, undefined],
  ])('%j', (claims, role) => {
    expect(roleOf(claims, { issuer, allow: teachers })).toBe(role);
  });

  it('may be nested, or have dots in its name', () => {
    const login = (claim: string) => ({ issuer, allow: { claim, values: ['host'] } });
    expect(roleOf({ realm_access: { roles: ['host'] } }, login('realm_access.roles'))).toBe('host');
    expect(roleOf({ 'https://example.org/role': 'host' }, login('https://example.org/role'))).toBe('host');
    expect(roleOf({}, login('constructor.name'))).toBeUndefined();
  });

  it('decides which of the allowed accounts are hosts', () => {
    const login = { ...domains, moderators: teachers };
    const pupil = { email: 'tom@example.org', email_verified: true };
    expect(roleOf(pupil, login)).toBe('participant');
    expect(roleOf({ ...pupil, groups: ['teachers'] }, login)).toBe('host');
    expect(roleOf({ groups: ['teachers'] }, login)).toBeUndefined();
  });
});
