import type { Deployment } from '../src/config/deployment.js';
import { MeetingSettings } from '../src/contract/meetings.js';

export const solo: Deployment = {
  name: 'meet',
  domain: 'meet.example.org',
  region: 'eu-central-1',
  alerts: { emails: ['ops@example.org'], webhooks: [] },
  language: 'en',
  diagnostics: 'redacted',
  size: 'solo',
  shards: 1,
  dns: { kind: 'route53', zone: 'example.org' },
  machines: { architecture: 'arm64', shard: 't4g.medium' },
  packages: { kind: 'official' },
  image: 'baked',
  access: 'open',
  meetings: MeetingSettings.parse({}),
  turn: false,
  dashboard: true,
  shell: false,
};

export const team: Deployment = {
  ...solo,
  size: 'team',
  shards: 2,
  turn: true,
  bridges: { min: 2, max: 6, types: ['c7g.large'], spot: 0, schedule: [], timezone: 'UTC' },
};

export const fleet: Deployment = {
  ...team,
  size: 'fleet',
  shards: 3,
  bridges: {
    min: 3,
    max: 20,
    types: ['c7g.xlarge', 'c6g.xlarge'],
    spot: 60,
    schedule: [{ days: 'MON-FRI', from: '08:30', until: '17:00', min: 8 }],
    timezone: 'Europe/Berlin',
  },
};

export const recorded: Deployment = {
  ...team,
  recording: { max: 3, ready: 1, keepDays: 30, who: 'moderators', type: 'c7g.xlarge' },
};
