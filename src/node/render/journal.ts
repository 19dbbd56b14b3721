import { type MachineFile, NOTICE } from './file.js';

/** Maximum MiB of the journal. The disk of 12 GiB also holds the system, packages, and space for upgrades. */
export const JOURNAL_MOST = 400;

/**
 * Limits of the journal. All daemons log to it and none to a file, so this limits all logs of a machine: a daemon that
 * writes 200 MB a minute for an hour displaces the oldest lines, but does not fill the disk or affect other daemons.
 */
export function journal(): MachineFile {
  return {
    path: '/etc/systemd/journald.conf.d/60-convoke.conf',
    mode: 0o644,
    owner: 'root:root',
    text: `# ${NOTICE}
[Journal]
Storage=persistent
SystemMaxUse=${JOURNAL_MOST}M
SystemKeepFree=1G
SystemMaxFileSize=${JOURNAL_MOST / 8}M
# Before the disk can be written.
RuntimeMaxUse=64M
# Per daemon. Further lines are counted and dropped. systemd allows up to six times as many if the disk is empty.
RateLimitIntervalSec=30s
RateLimitBurst=5000
# Longer lines are split; Java's traces are many short ones.
LineMax=8K
# rsyslog would write the same to files that have no bound.
ForwardToSyslog=no
`,
    readBy: ['journal'],
  };
}
