import { expect, it } from 'vitest';
import { alertsLine } from './up.js';

it('asks only those to confirm the subscription who have not yet', () => {
  expect(alertsLine(['a@example.org', 'b@example.org'], [])).toBe(
    'Alerts go to a@example.org, b@example.org.',
  );
  expect(alertsLine(['a@example.org', 'b@example.org'], ['b@example.org'])).toBe(
    'Alerts go to a@example.org, b@example.org. Still to confirm the subscription, with the link in the mail from AWS: b@example.org.',
  );
});
