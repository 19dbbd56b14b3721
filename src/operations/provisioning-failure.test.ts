import { expect, it } from 'vitest';
import { provisioningFailure } from './provisioning-failure.js';

const console = (...lines: string[]) =>
  lines.map((line) => `[   61.021042] cloud-init[612]: ${line}\r\n`).join('');

it('quotes why provisioning stopped', () => {
  const sentence =
    "The package lists of https://download.jitsi.org have no valid signature of the source's key. EXPKEYSIG 2DC1389A86F8C6DE.";
  expect(
    provisioningFailure(
      console(
        'convoke: installing jicofo',
        `convoke: provisioning failed: ${sentence}`,
        'Cloud-init finished',
      ),
    ),
  ).toBe(sentence);
});

it('finds nothing as long as provisioning goes on, or retries', () => {
  expect(provisioningFailure('')).toBeUndefined();
  expect(provisioningFailure(console('convoke: apt-get update failed, retrying in 3 s'))).toBeUndefined();
});

it('quotes the last failure, without what controls a terminal, and not more than fits', () => {
  const failures = ['convoke: provisioning failed: one', 'convoke: provisioning failed: \u001b[2Jtwo'];
  expect(provisioningFailure(console(...failures))).toBe('\ufffd[2Jtwo');
  expect(provisioningFailure(console(`convoke: provisioning failed: ${'x'.repeat(5_000)}`))).toHaveLength(
    1_000,
  );
});
