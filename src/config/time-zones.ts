/**
 * Zones that Intl lists under an old name, with their current name in the IANA Time Zone Database. Auto Scaling
 * accepts only current names. The test compares the result with the database's `zone.tab`.
 */
const RENAMED: Readonly<Record<string, string>> = {
  'Africa/Asmera': 'Africa/Asmara',
  'America/Buenos_Aires': 'America/Argentina/Buenos_Aires',
  'America/Catamarca': 'America/Argentina/Catamarca',
  'America/Coral_Harbour': 'America/Atikokan',
  'America/Cordoba': 'America/Argentina/Cordoba',
  'America/Godthab': 'America/Nuuk',
  'America/Indianapolis': 'America/Indiana/Indianapolis',
  'America/Jujuy': 'America/Argentina/Jujuy',
  'America/Louisville': 'America/Kentucky/Louisville',
  'America/Mendoza': 'America/Argentina/Mendoza',
  'Asia/Calcutta': 'Asia/Kolkata',
  'Asia/Katmandu': 'Asia/Kathmandu',
  'Asia/Rangoon': 'Asia/Yangon',
  'Asia/Saigon': 'Asia/Ho_Chi_Minh',
  'Atlantic/Faeroe': 'Atlantic/Faroe',
  'Europe/Kiev': 'Europe/Kyiv',
  'Pacific/Enderbury': 'Pacific/Kanton',
  'Pacific/Ponape': 'Pacific/Pohnpei',
  'Pacific/Truk': 'Pacific/Chuuk',
};

/** Only an alias in the database, so it is never passed to Auto Scaling, whose default it is. */
const UTC = 'UTC';

const canonical = (name: string): string => RENAMED[name] ?? name;

/** Canonical names of the IANA Time Zone Database, and UTC. */
export const TIME_ZONES: readonly string[] = [...Intl.supportedValuesOf('timeZone').map(canonical), UTC];

/** Fixed offsets are canonical too, and Intl does not list them. */
const FIXED_OFFSET = /^Etc\/GMT[+-]([1-9]|1[0-4])$/;

/**
 * The canonical name of a time zone, from any alias in any case: `asia/calcutta` is Asia/Kolkata, `US/Eastern` is
 * America/New_York, `Etc/UTC` is UTC. A name that is not a time zone is returned as it is.
 */
export function timeZone(name: string): string {
  const written = name.trim();
  const listed = TIME_ZONES.find((zone) => zone.toLowerCase() === written.toLowerCase());
  if (listed) return listed;
  try {
    return canonical(new Intl.DateTimeFormat('en', { timeZone: written }).resolvedOptions().timeZone);
  } catch {
    return written;
  }
}

/** Whether a text is the canonical name of a time zone. */
export const isTimeZone = (name: string): boolean => TIME_ZONES.includes(name) || FIXED_OFFSET.test(name);
