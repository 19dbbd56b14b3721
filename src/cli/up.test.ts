import { expect, it } from 'vitest';
import { dashboardName } from '../contract/names.js';
import { alertsLine, dashboardUrl, loginLine } from './up.js';

it('asks only those to confirm the subscription who have not yet', () => {
  expect(alertsLine(['a@example.org', 'b@example.org'], [])).toBe(
    'Alerts go to a@example.org, b@example.org.',
  );
  expect(alertsLine(['a@example.org', 'b@example.org'], ['b@example.org'])).toBe(
    'Alerts go to a@example.org, b@example.org. Still to confirm the subscription, with the link in the mail from AWS: b@example.org.',
  );
});

it('says where the dashboard is', () => {
  const url = new URL(dashboardUrl({ name: 'meet', region: 'eu-central-1' }));
  expect(url.host).toBe('eu-central-1.console.aws.amazon.com');
  expect(url.hash).toBe(`#dashboards/dashboard/${dashboardName('meet', 'eu-central-1')}`);
});

it('up says what is left to do until hosts can sign in', () => {
  expect(loginLine('meet.example.org', 'https://id.example.org')).toBe(
    'Hosts sign in at https://id.example.org. Once: register the redirect address https://meet.example.org/convoke/sign-in/callback there, and run "convoke login set-secret".',
  );
});
