import { type MachineFile, NOTICE } from './file.js';

/** MiB that the journal may have on the disk of 12 GiB, which also holds system, packages and what upgrades need. */
export const JOURNAL_MOST = 400;

/**
 * What the journal keeps. Every daemon logs to it and none to a file, so this bounds all logs of a machine: a daemon that
 * writes 200 MB a minute for an hour costs the oldest lines, and neither the disk nor another daemon.
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
# Of one daemon. What is beyond that is counted, and dropped. systemd allows up to six times as many where the disk is empty.
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
