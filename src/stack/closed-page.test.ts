import { expect, it } from 'vitest';
import { closedPage, LONGEST_PAGE } from './closed-page.js';

const time = (days: string) => ({ days, from: '07:30', until: '18:00' });

it('says when it opens, in the language of alerts', () => {
  const hours = { open: [time('MON-FRI'), time('SAT,SUN')], timezone: 'Europe/Berlin' };
  expect(closedPage(hours, 'en')).toContain(
    '<li>Monday to Friday: 07:30–18:00<li>Saturday, Sunday: 07:30–18:00',
  );
  expect(closedPage(hours, 'de')).toContain('<li>Montag bis Freitag: 07:30–18:00');
});

it('fits into a fixed response, if need be without the times', () => {
  const many = {
    open: Array.from({ length: 20 }, () => time('MON,TUE,WED,THU,FRI')),
    timezone: 'Europe/Berlin',
  };
  for (const language of ['en', 'de'] as const) {
    const page = closedPage(many, language);
    expect(page.length).toBeLessThanOrEqual(LONGEST_PAGE);
    expect(page).toMatch(/Closed|geschlossen/);
  }
});
