import { type MachineFile, NOTICE } from './file.js';

/**
 * Debian's EC2 image resolves names with systemd-resolved, which by default also answers LLMNR on port 5355 of every
 * network interface. Names come from DNS only.
 */
export function resolver(): MachineFile {
  return {
    path: '/etc/systemd/resolved.conf.d/60-convoke.conf',
    mode: 0o644,
    owner: 'root:root',
    text: `# ${NOTICE}
[Resolve]
LLMNR=no
MulticastDNS=no
`,
    readBy: ['resolver'],
  };
}
