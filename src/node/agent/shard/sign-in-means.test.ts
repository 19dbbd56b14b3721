import { describe, expect, it } from 'vitest';
import { withoutSecrets } from '../../logs/redaction.js';
import { signInLine } from './sign-in-means.js';

describe('the line of a sign-in', () => {
  it('names the account only if the file says so', () => {
    const signIn = { outcome: 'host', account: 'ada@example.org' } as const;
    expect(signInLine(signIn, false)).toBe('sign-in: a host signed in');
    expect(signInLine(signIn, true)).toBe('sign-in: a host signed in (ada@example.org)');
  });

  it('says what to do, also in the log group', () => {
    const line = signInLine({ outcome: 'secret', detail: 'the provider answered invalid_client' }, false);
    expect(withoutSecrets(line)).toBe(
      'sign-in: nobody can sign in: run "convoke login set-secret": the provider answered invalid_client',
    );
  });
});
