import { describe, expect, it } from 'vitest';
import { judgeProvider, type MetadataAnswer } from './login.js';

const issuer = 'https://id.example.org/realms/school';
const metadata = {
  issuer,
  authorization_endpoint: `${issuer}/auth`,
  token_endpoint: `${issuer}/token`,
  jwks_uri: `${issuer}/keys`,
  response_types_supported: ['code', 'id_token'],
  code_challenge_methods_supported: ['plain', 'S256'],
};
const judge = (answer: MetadataAnswer) => judgeProvider({ issuer }, 'meet.example.org', answer);
const json = (changes: object = {}) => judge({ kind: 'json', value: { ...metadata, ...changes } });

describe('the provider where hosts sign in', () => {
  it('is fine, and the finding says which redirect address to register', () => {
    expect(json()).toMatchObject({
      state: 'fine',
      said: expect.stringContaining('https://meet.example.org/convoke/sign-in/callback'),
    });
  });

  it('is fine if it says nothing about PKCE, as Microsoft’s does', () => {
    expect(json({ code_challenge_methods_supported: undefined }).state).toBe('fine');
  });

  it.each<[string, MetadataAnswer, string]>([
    ['does not answer', { kind: 'no answer', why: 'getaddrinfo ENOTFOUND' }, 'ENOTFOUND'],
    ['is not there', { kind: 'status', status: 404 }, 'answers 404'],
    ['is a web page', { kind: 'json', value: undefined }, 'no metadata'],
    ['has other metadata', { kind: 'json', value: { issuer } }, 'no metadata'],
    [
      'has endpoints without TLS',
      { kind: 'json', value: { ...metadata, token_endpoint: 'http://id.example.org/token' } },
      'no metadata',
    ],
    [
      'calls itself otherwise',
      { kind: 'json', value: { ...metadata, issuer: 'https://id.example.net' } },
      'calls itself https://id.example.net',
    ],
    [
      'has no PKCE with S256',
      { kind: 'json', value: { ...metadata, code_challenge_methods_supported: ['plain'] } },
      'PKCE with S256',
    ],
    [
      'has no authorization code flow',
      { kind: 'json', value: { ...metadata, response_types_supported: ['id_token'] } },
      'no authorization code flow',
    ],
  ])('that %s is a finding with advice', (_, answer, words) => {
    const { state, said, now } = judge(answer);
    expect(state).toBe(answer.kind === 'no answer' ? 'unknown' : 'wrong');
    expect(said).toContain(words);
    expect(now).not.toBe('');
  });
});
