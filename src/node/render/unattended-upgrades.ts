import { type MachineFile, NOTICE } from './file.js';

/**
 * Packages that meetings depend on, as prefixes of their names: the daemons, their runtimes, and libraries whose
 * upgrade restarts them or may not match the running process. Debian's maintainer scripts restart a daemon that is
 * upgraded, at about the same time on every machine.
 */
export const HELD: readonly string[] = [
  'coturn',
  'haproxy',
  'jibri',
  'jicofo',
  'jitsi',
  'libnginx-mod',
  'nftables',
  'nginx',
  'nodejs',
  'openjdk',
  'prosody',
  // What a recorder records with.
  'chromium',
  'ffmpeg',
  'icewm',
  'pulseaudio',
  'xserver',
  'xvfb',
  // Their libraries.
  'ca-certificates-java',
  'liblua',
  'libnftables',
  'libnode',
  'libssl',
  'lua',
  'openssl',
  // Its upgrade restarts the network configuration and the journal.
  'libsystemd',
  'libudev',
  'systemd',
  'udev',
];

/**
 * Configuration of Debian's unattended-upgrades: everything except what would interrupt a meeting. The held packages
 * get security updates when the machine is replaced, which installs the newest versions.
 */
export function unattendedUpgrades(): MachineFile {
  return {
    path: '/etc/apt/apt.conf.d/60convoke',
    mode: 0o644,
    owner: 'root:root',
    text: `// ${NOTICE}
APT::Periodic::Update-Package-Lists "1";
APT::Periodic::Unattended-Upgrade "1";
// Regular expressions, matched at the start of a package's name.
Unattended-Upgrade::Package-Blacklist {
${HELD.map((name) => `  "${name}";`).join('\n')}
};
Unattended-Upgrade::Automatic-Reboot "false";
`,
    // apt reads it at each run.
    readBy: [],
  };
}
