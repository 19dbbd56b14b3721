import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isTimeZone, TIME_ZONES, timeZone } from './time-zones.js';

/** The IANA database's own list of zones, as Debian's tzdata installs it. */
const ZONE_TAB = '/usr/share/zoneinfo/zone.tab';

describe('time zones', () => {
  it.each([
    ['asia/kolkata', 'Asia/Kolkata'],
    ['Asia/Calcutta', 'Asia/Kolkata'],
    ['Europe/Kiev', 'Europe/Kyiv'],
    ['europe/kyiv', 'Europe/Kyiv'],
    ['US/Eastern', 'America/New_York'],
    [' europe/berlin ', 'Europe/Berlin'],
    ['etc/gmt+9', 'Etc/GMT+9'],
    ['utc', 'UTC'],
    ['Etc/UTC', 'UTC'],
    ['GMT', 'UTC'],
  ])('%s is %s for Auto Scaling', (written, canonical) => {
    expect(timeZone(written)).toBe(canonical);
    expect(isTimeZone(timeZone(written))).toBe(true);
  });

  it.each(['Europe/Berlim', 'Mars/Olympus', '+02:00', 'asia/kolkata'])('%s is refused as it is', (name) => {
    expect(isTimeZone(name)).toBe(false);
  });

  it.skipIf(!existsSync(ZONE_TAB))('are those of the IANA database', () => {
    const database = readFileSync(ZONE_TAB, 'utf8')
      .split('\n')
      .filter((line) => line && !line.startsWith('#'))
      .map((line) => line.split('\t')[2] ?? '');
    expect(TIME_ZONES.filter((zone) => zone !== 'UTC').sort()).toEqual(database.sort());
  });
});
