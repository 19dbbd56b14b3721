import { describe, expect, it } from 'vitest';
import { scheduledBridgeHours } from './schedule.js';

const weekly = (...schedule: Parameters<typeof scheduledBridgeHours>[0]) =>
  scheduledBridgeHours(schedule, 2) / (730 / 168);

describe('bridge-hours of a schedule', () => {
  it('are those beyond the minimum, on each of its days', () => {
    expect(weekly({ days: 'MON-FRI', from: '08:00', until: '18:00', min: 4 })).toBeCloseTo(100, 8);
    expect(weekly({ days: 'SAT,SUN', from: '10:30', until: '11:00', min: 3 })).toBeCloseTo(1, 8);
    expect(weekly({ days: 'MON', from: '08:00', until: '18:00', min: 2 })).toBe(0);
  });

  it('count the larger of two overlapping entries', () => {
    expect(
      weekly(
        { days: 'MON', from: '08:00', until: '12:00', min: 4 },
        { days: 'MON-TUE', from: '10:00', until: '14:00', min: 7 },
      ),
    ).toBeCloseTo(2 * 2 + 4 * 5 + 4 * 5, 8);
  });

  it('can span the end of the week', () => {
    expect(weekly({ days: 'SAT-MON', from: '00:00', until: '01:00', min: 3 })).toBeCloseTo(3, 8);
  });
});
