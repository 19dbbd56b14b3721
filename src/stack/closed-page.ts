import type { Hours } from '../config/hours.js';
import type { Language } from '../contract/alerts.js';

/** Most characters of a fixed response (Elastic Load Balancing API, FixedResponseActionConfig). */
export const LONGEST_PAGE = 1024;

const WORDS: Readonly<
  Record<Language, { closed: string; open: string; to: string; days: Readonly<Record<string, string>> }>
> = {
  en: {
    closed: 'Closed at the moment',
    open: 'Meetings are possible at these times',
    to: 'to',
    days: {
      MON: 'Monday',
      TUE: 'Tuesday',
      WED: 'Wednesday',
      THU: 'Thursday',
      FRI: 'Friday',
      SAT: 'Saturday',
      SUN: 'Sunday',
    },
  },
  de: {
    closed: 'Zurzeit geschlossen',
    open: 'Besprechungen sind zu diesen Zeiten möglich',
    to: 'bis',
    days: {
      MON: 'Montag',
      TUE: 'Dienstag',
      WED: 'Mittwoch',
      THU: 'Donnerstag',
      FRI: 'Freitag',
      SAT: 'Samstag',
      SUN: 'Sonntag',
    },
  },
};

/** What the load balancer answers while the deployment is closed. Without the times if they are too long for it. */
export function closedPage(hours: Hours, language: Language): string {
  const { closed, open } = WORDS[language];
  const times = hours.open.map((time) => `<li>${inWords(time, language)}`).join('');
  const page = (body: string) =>
    `<!DOCTYPE html><html lang=${language}><meta charset=utf-8><meta name=viewport content="width=device-width"><meta name=robots content=noindex><title>${closed}</title><style>:root{color-scheme:light dark}body{font:1.1em/1.5 system-ui,sans-serif;max-width:34em;margin:15vh auto;padding:0 1em}</style><h1>${closed}</h1>${body}`;
  const whole = page(`<p>${open} (${hours.timezone}):<ul>${times}</ul>`);
  return whole.length <= LONGEST_PAGE ? whole : page('');
}

/** `Monday to Friday, Sunday: 07:30–18:00`. Days and times are checked by the schema, so they need no escaping. */
function inWords({ days, from, until }: Hours['open'][number], language: Language): string {
  const { to, days: names } = WORDS[language];
  const spans = days.split(',').map((span) =>
    span
      .split('-')
      .map((day) => names[day])
      .join(` ${to} `),
  );
  return `${spans.join(', ')}: ${from}–${until}`;
}
