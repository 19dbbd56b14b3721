import { describe, expect, it } from 'vitest';
import type { Figures } from '../operations/report/figures.js';
import type { Report } from '../operations/report/report.js';
import { page } from './output/report-page.js';
import { csv } from './report.js';

const figures: Figures = {
  personHours: 12.5,
  meetingHours: 3,
  mostPeople: 9,
  mostMeetings: 2,
  bridgeHours: 48,
  sentGb: 14,
  failedMachines: 1,
  noticedMinutes: 30,
};
const found: Report = {
  domain: 'meet.example.org',
  from: new Date('2026-12-01T00:00Z'),
  to: new Date('2026-12-03T00:00Z'),
  seconds: 300,
  total: figures,
  days: [
    { day: '2026-12-01', ...figures },
    { day: '2026-12-02', ...figures, personHours: 0 },
  ],
  incidents: [
    { alarm: 'loss', from: new Date('2026-12-01T09:00Z'), to: new Date('2026-12-01T09:30Z'), minutes: 30 },
  ],
  failed: [{ at: new Date('2026-12-01T09:00Z'), group: 'convoke-<b>', machine: 'i-1' }],
  money: { items: [{ name: 'disks', usd: undefined }], usd: 0, unknown: ['disks'] },
  gaps: [],
};

describe('a report', () => {
  it('has a line of CSV for each day, with a head', () => {
    expect(csv(found).split('\n')).toEqual([
      'day,personHours,mostPeople,meetingHours,mostMeetings,bridgeHours,sentGb,failedMachines,noticedMinutes',
      '2026-12-01,12.5,9,3,2,48,14,1,30',
      '2026-12-02,0,9,3,2,48,14,1,30',
    ]);
  });

  it('is a page that loads nothing, runs nothing, and takes texts as texts', () => {
    const html = page(found);
    expect(html).toContain('calls lose many packets');
    expect(html).toContain('at least $0.00');
    expect(html).not.toMatch(/<script|https?:|url\(|@import|<b>'|convoke-<b>/);
    expect(html).not.toMatch(/undefined|NaN|\[object/);
  });
});
