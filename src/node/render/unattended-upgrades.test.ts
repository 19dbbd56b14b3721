import { expect, it } from 'vitest';
import { DEBIAN, EVERYWHERE, JITSI, RECORDER_DEBIAN, TURN } from '../provision/packages.js';
import { unattendedUpgrades } from './unattended-upgrades.js';

/** As unattended-upgrades does: Python's `re.match`, which begins at the beginning and may end before the end. */
const isHeld = (name: string): boolean =>
  [...(/Package-Blacklist \{([^}]*)\}/.exec(unattendedUpgrades().text)?.[1] ?? '').matchAll(/"(.*)"/g)].some(
    ([, pattern = '']) => new RegExp(`^(?:${pattern})`).test(name),
  );

it.each([
  ...[
    ...EVERYWHERE,
    ...DEBIAN,
    ...TURN,
    ...JITSI,
    ...RECORDER_DEBIAN.filter((name) => !name.startsWith('fonts')),
  ],
  // What they run in, on Debian 13.
  ...['openjdk-21-jre-headless', 'lua5.4', 'liblua5.4-0', 'nodejs', 'libnode115', 'libssl3t64', 'systemd'],
  ...['nginx-common', 'libnginx-mod-stream', 'libnftables1'],
])('%s, on which meetings depend, is never upgraded automatically', (name) => {
  expect(isHeld(name)).toBe(true);
});

it.each(['linux-image-cloud-amd64', 'libc6', 'openssh-server', 'curl', 'sudo', 'cloud-init', 'python3'])(
  '%s, on which they do not, is upgraded automatically',
  (name) => {
    expect(isHeld(name)).toBe(false);
  },
);
