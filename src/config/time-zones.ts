import { nearest } from './regions.js';

const ZONES = [...Intl.supportedValuesOf('timeZone'), 'UTC'];

/** A time zone as Auto Scaling spells it, which minds capitals; what is none is left as it is. */
export const timeZone = (name: string): string =>
  ZONES.find((zone) => zone.toLowerCase() === name.trim().toLowerCase()) ?? name.trim();

/** What is wrong with a time zone, in a sentence; undefined when nothing is. */
export function timeZoneComplaint(name: string): string | undefined {
  // A bare offset is known to Intl, but not to Auto Scaling.
  if (/^[A-Za-z]/.test(name) && isKnown(name)) return undefined;
  const near = nearest(name, ZONES);
  return `is not a time zone${near ? `; did you mean ${near}?` : '; they look like Europe/Berlin'}`;
}

/** Some names are known that are not listed, such as those of before. */
function isKnown(timeZone: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone }));
  } catch {
    return false;
  }
}
