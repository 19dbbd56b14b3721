import { describe, expect, it } from 'vitest';
import { assertSignsIn, secretFrom } from './login.js';

describe('the client’s secret', () => {
  it('is the line that was typed or piped, without the end of the line', () => {
    expect(secretFrom('GOCSPX-a b_c\r\n')).toBe('GOCSPX-a b_c');
  });

  it.each(['', ' \n', 'one\ntwo', `${'x'.repeat(1001)}`, 'a\u0000b'])('is not %j', (text) => {
    expect(() => secretFrom(text)).toThrow(/Standard input is/);
  });

  it('is not part of the error', () => {
    expect(() => secretFrom('geheim\nzwei')).toThrow(expect.not.objectContaining({ message: /geheim/ }));
  });

  it('has no use unless hosts sign in', () => {
    expect(() => assertSignsIn({ access: 'members', domain: 'meet.example.org' })).toThrow(
      /access is members/,
    );
    expect(() => assertSignsIn({ access: 'hosts', domain: 'meet.example.org' })).not.toThrow();
  });
});
