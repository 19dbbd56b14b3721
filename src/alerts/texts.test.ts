import { describe, expect, it } from 'vitest';
import { ALARMS, type AlertSettings, LANGUAGES } from '../contract/alerts.js';
import type { Mail, MailKind } from './incident.js';
import { letter } from './texts.js';

const settings: AlertSettings = {
  deployment: 'meet',
  domain: 'meet.example.org',
  region: 'eu-central-1',
  language: 'en',
  shards: ['convoke-meet-shard-a', 'convoke-meet-shard-b'],
  bridges: 'convoke-meet-bridges',
  targetGroup: 'arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/convoke-meet/1',
  topic: 'arn:aws:sns:eu-central-1:123456789012:convoke-meet-alerts',
  log: 'convoke-meet-alerts',
  ownCertificate: true,
};
const KINDS: readonly MailKind[] = [
  'check',
  'lost',
  'repeated',
  'launch-failing',
  'silent',
  ...ALARMS,
  'certificate',
  'clear',
];
const mail = (kind: MailKind, group = 'convoke-meet-shard-a'): Mail => ({
  kind,
  since: '2026-12-02T04:52:00Z',
  at: '2026-12-02T04:57:00Z',
  ...(!['check', 'certificate', 'clear', ...ALARMS].includes(kind) && {
    group,
    machine: 'i-0a1b2c3d4e5f60718',
    zone: 'eu-central-1a',
    cause: 'an ELB system health check failure',
  }),
  ...(kind === 'certificate' && {
    days: 30,
    certificate: 'arn:aws:acm:eu-central-1:123456789012:certificate/0a',
  }),
  ...(kind === 'clear' && {
    opened: 'lost' as const,
    losses: [{ group, machine: 'i-0a1b2c3d4e5f60718', zone: 'eu-central-1a' }],
    replacements: ['i-0b'],
  }),
});

describe.each(LANGUAGES)('mails in %s', (language) => {
  const all = KINDS.flatMap((kind) =>
    ['convoke-meet-shard-a', 'convoke-meet-bridges'].flatMap((group) =>
      ['meet.example.org', `${'a'.repeat(50)}.example.org`].map((domain) =>
        letter(mail(kind, kind === 'silent' ? settings.shards[0] : group), { ...settings, language, domain }),
      ),
    ),
  );

  it('have subjects that SNS accepts', () => {
    for (const { subject } of all) {
      expect(subject.length).toBeLessThan(100);
      expect(subject).toMatch(/^[\p{L}\p{P}\p{N} ]+$/u);
    }
  });

  it('have no gaps', () => {
    for (const { text } of all) expect(text).not.toMatch(/undefined|null|NaN|\[object|: \.|: $/m);
  });

  it('say what happened, since when, who notices, what happens automatically, what to do, and where to look', () => {
    const { text } = letter(mail('lost'), { ...settings, language });
    expect(text.split('\n\n')).toHaveLength(7);
    expect(text).toMatch(/i-0a1b2c3d4e5f60718 in eu-central-1a/);
    expect(text).toContain('#AutoScalingGroupDetails:id=convoke-meet-shard-a');
    expect(text).toMatch(/2026.* 04:52 UTC/);
  });
});

it.each([
  [5, 'en', '5 minutes'],
  [119, 'en', '119 minutes'],
  [150, 'en', '3 hours'],
  [72 * 60, 'en', '3 days'],
  [120, 'de', '2 Stunden'],
  [48 * 60, 'de', '2 Tagen'],
] as const)('say of %i minutes in %s that it took %s', (minutes, language, words) => {
  const since = '2026-12-02T04:52:00Z';
  const at = new Date(Date.parse(since) + minutes * 60_000).toISOString();
  const { subject } = letter({ kind: 'clear', opened: 'updates', since, at }, { ...settings, language });
  expect(subject).toContain(words);
});

it.each(LANGUAGES)('say in %s which command installs security updates', (language) => {
  expect(letter(mail('updates'), { ...settings, language }).text).toContain('convoke upgrade --os');
});

it('say that meetings have ended if there is one shard only', () => {
  const { text } = letter(mail('lost'), { ...settings, shards: settings.shards.slice(0, 1) });
  expect(text).toMatch(/Who notices: everybody/);
});
