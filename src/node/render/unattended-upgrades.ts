import { type MachineFile, NOTICE } from './file.js';

/**
 * Packages that meetings hang on, as the beginnings of their names: the daemons, what they run in, and libraries whose
 * upgrade restarts them or may not fit the process that is running. Debian's maintainer scripts restart a daemon that is
 * upgraded, at about the same hour on every machine.
 */
export const HELD: readonly string[] = [
  'coturn',
  'haproxy',
  'jicofo',
  'jitsi',
  'libnginx-mod',
  'nftables',
  'nginx',
  'nodejs',
  'openjdk',
  'prosody',
  // What they load.
  'ca-certificates-java',
  'liblua',
  'libnftables',
  'libnode',
  'libssl',
  'lua',
  'openssl',
  // Its own upgrade restarts the network's configuration and the journal that daemons write to.
  'libsystemd',
  'libudev',
  'systemd',
  'udev',
];

/**
 * What Debian's unattended-upgrades may do on a machine: everything but restart a meeting. Security updates of the packages
 * that it leaves alone come with the machine's replacement, which installs what is newest.
 */
export function unattendedUpgrades(): MachineFile {
  return {
    path: '/etc/apt/apt.conf.d/60convoke',
    mode: 0o644,
    owner: 'root:root',
    text: `// ${NOTICE}
APT::Periodic::Update-Package-Lists "1";
APT::Periodic::Unattended-Upgrade "1";
// Regular expressions, compared with the beginning of a package's name.
Unattended-Upgrade::Package-Blacklist {
${HELD.map((name) => `  "${name}";`).join('\n')}
};
Unattended-Upgrade::Automatic-Reboot "false";
`,
    // apt reads it whenever it runs.
    readBy: [],
  };
}
