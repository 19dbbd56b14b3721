import { describe, expect, it } from 'vitest';
import { parseDeployment } from './load.js';

const file = (ssh: string, warn?: (warning: string) => void) =>
  parseDeployment(
    `domain: meet.example.org\nregion: eu-central-1\nalerts: ops@example.org\n${ssh}`,
    'convoke.yaml',
    warn,
  );
const reason = (ssh: string): string => {
  try {
    file(ssh);
    return '';
  } catch (error) {
    return (error as { why: string }).why;
  }
};

describe('ssh', () => {
  it('is disabled by default', () => {
    expect(file('').ssh).toBeUndefined();
  });

  it('has a key and named source ranges', () => {
    expect(file('ssh: {key: ada, from: {office: 203.0.113.0/24, home: 198.51.100.7/32}}').ssh).toEqual({
      key: 'ada',
      from: [
        { name: 'office', range: '203.0.113.0/24' },
        { name: 'home', range: '198.51.100.7/32' },
      ],
    });
  });

  it.each([
    ['no ranges', 'ssh: {key: ada, from: {}}', /names no range/],
    ['ranges omitted', 'ssh: {key: ada}', /from is missing/],
    ['no key', 'ssh: {from: {office: 203.0.113.0/24}}', /key is missing/],
    ['an address instead of a range', 'ssh: {key: ada, from: {office: 203.0.113.7}}', /not an address range/],
    ['an invalid range', 'ssh: {key: ada, from: {office: 203.0.113.0/33}}', /not an address range/],
    [
      'an address in the middle of its range',
      'ssh: {key: ada, from: {office: 203.0.113.200/25}}',
      /write 203\.0\.113\.128\/25 for the whole range, or 203\.0\.113\.200\/32 for this address only/,
    ],
    [
      'a range twice',
      'ssh: {key: ada, from: {office: 203.0.113.0/24, home: 203.0.113.0/24}}',
      /ssh\.from has the same range twice; remove one/,
    ],
    ['a key with a line break', 'ssh: {key: "a\\nb", from: {office: 203.0.113.0/24}}', /key pair/],
    ['a word', 'ssh: true', /must be a group of settings/],
  ])('refuses %s', (_, ssh, said) => {
    expect(reason(ssh)).toMatch(said);
  });

  it.each([
    ['0.0.0.0/0', [/the whole internet/]],
    ['0.0.0.0/1', [/large part of the internet/]],
    ['"::/0"', [/the whole internet/, /only IPv4 addresses/]],
    ['10.0.0.0/8', []],
    ['203.0.113.0/24', []],
    ['255.255.255.255/32', []],
  ])('from %s is warned about as it deserves', (range, said) => {
    const warned: string[] = [];
    file(`ssh: {key: ada, from: {office: ${range}}}`, (warning) => warned.push(warning));
    expect(warned).toEqual(said.map((words) => expect.stringMatching(words)));
  });
});
