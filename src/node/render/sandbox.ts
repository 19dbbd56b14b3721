/** Exceptions from {@link sandbox}'s defaults. Each caller gives its reason in a comment. */
export interface Needs {
  /** Linux capabilities, such as `CAP_NET_ADMIN`. Default: none. */
  readonly capabilities?: readonly string[];
  /** Whether a process that does not run as root gets them. Default: false. */
  readonly ambient?: boolean;
  /** Whether code is generated at run time, as a JVM and Node.js do. Default: false. */
  readonly generatesCode?: boolean;
  /** Address families besides `AF_UNIX`, `AF_INET` and `AF_INET6`. Default: none. */
  readonly families?: readonly string[];
  /**
   * Writable folders besides those that systemd creates for the unit. Default: none; the file system is read-only.
   */
  readonly writes?: readonly string[];
  /** Whether it has the machine's /tmp and shared memory, as a display does. Default: false. */
  readonly sharesTmp?: boolean;
  /** Whether resource limits may be changed, as HAProxy does for its open files. Default: false. */
  readonly setsLimits?: boolean;
  /** Whether its user and capabilities may be set, even to the same, as PulseAudio does. Default: false. */
  readonly setsUser?: boolean;
  /** Whether the owners of files may be changed. Default: false. */
  readonly changesOwners?: boolean;
  /** Mask for files that the unit creates. Default: `0077`, for its own user only. */
  readonly umask?: string;
}

/**
 * The sandbox of a unit, as lines of its `[Service]` section: the file system is read-only; devices, kernel settings,
 * other processes, namespaces, realtime scheduling, and system calls that services do not use are unavailable. A
 * vulnerability in a daemon is thus confined to that daemon.
 *
 * Rated by `systemd-analyze security`: 0 is best, 10 worst. Every unit of a machine is at 4 or below.
 */
export function sandbox(needs: Needs = {}): string {
  const capabilities = (needs.capabilities ?? []).join(' ');
  const families = ['AF_UNIX', 'AF_INET', 'AF_INET6', ...(needs.families ?? [])].join(' ');
  const writes = [...(needs.writes ?? []), ...(needs.sharesTmp ? ['/tmp'] : [])];
  return [
    'NoNewPrivileges=yes',
    'ProtectSystem=strict',
    ...(writes.length > 0 ? [`ReadWritePaths=${writes.join(' ')}`] : []),
    'ProtectHome=yes',
    ...(needs.sharesTmp ? [] : ['PrivateTmp=yes']),
    'PrivateDevices=yes',
    'ProtectKernelTunables=yes',
    'ProtectKernelModules=yes',
    'ProtectKernelLogs=yes',
    'ProtectControlGroups=yes',
    'ProtectClock=yes',
    'ProtectHostname=yes',
    'ProtectProc=invisible',
    ...(needs.sharesTmp ? [] : ['RemoveIPC=yes']),
    `RestrictAddressFamilies=${families}`,
    'RestrictNamespaces=yes',
    'RestrictRealtime=yes',
    'RestrictSUIDSGID=yes',
    'LockPersonality=yes',
    ...(needs.generatesCode ? [] : ['MemoryDenyWriteExecute=yes']),
    `CapabilityBoundingSet=${capabilities}`,
    ...(needs.ambient ? [`AmbientCapabilities=${capabilities}`] : []),
    'SystemCallArchitectures=native',
    'SystemCallFilter=@system-service',
    `SystemCallFilter=~@privileged${needs.setsLimits ? '' : ' @resources'}`,
    ...(needs.changesOwners ? ['SystemCallFilter=@chown'] : []),
    ...(needs.setsUser ? ['SystemCallFilter=@setuid capset'] : []),
    // Refused calls fail with an error; by default the process would be killed.
    'SystemCallErrorNumber=EPERM',
    `UMask=${needs.umask ?? '0077'}`,
  ].join('\n');
}
