/**
 * What a unit needs beyond {@link sandbox}'s defaults. Each need is an exception from them, so each caller gives its
 * reason in a comment.
 */
export interface Needs {
  /** Linux capabilities, such as `CAP_NET_ADMIN`. Default: none. */
  readonly capabilities?: readonly string[];
  /** Whether the process has them although it does not run as root. Default: false. */
  readonly ambient?: boolean;
  /** Whether code is generated at run time, as a JVM and Node.js do. Default: false. */
  readonly generatesCode?: boolean;
  /** Address families besides `AF_UNIX`, `AF_INET` and `AF_INET6`. Default: none. */
  readonly families?: readonly string[];
  /** Folders outside of those that systemd creates for the unit. Default: none, the file system is read-only. */
  readonly writes?: readonly string[];
  /** Whether limits on resources may be changed, as HAProxy does with its number of files. Default: false. */
  readonly setsLimits?: boolean;
  /** Whether files are given other owners. Default: false. */
  readonly changesOwners?: boolean;
  /** Mask for files that the unit creates. Default: `0077`, for its own user only. */
  readonly umask?: string;
}

/**
 * The sandbox of a unit, as lines of its section `[Service]`: the file system is read-only, devices, kernel settings, other
 * processes, namespaces and realtime scheduling are out of reach, and so are system calls that a service does not use.
 * A hole in a daemon then opens what the daemon has, and little else.
 *
 * Rated by `systemd-analyze security`: 0 is best, 10 worst. Every unit of a machine is at 4 or below.
 */
export function sandbox(needs: Needs = {}): string {
  const capabilities = (needs.capabilities ?? []).join(' ');
  const families = ['AF_UNIX', 'AF_INET', 'AF_INET6', ...(needs.families ?? [])].join(' ');
  return [
    'NoNewPrivileges=yes',
    'ProtectSystem=strict',
    ...(needs.writes ? [`ReadWritePaths=${needs.writes.join(' ')}`] : []),
    'ProtectHome=yes',
    'PrivateTmp=yes',
    'PrivateDevices=yes',
    'ProtectKernelTunables=yes',
    'ProtectKernelModules=yes',
    'ProtectKernelLogs=yes',
    'ProtectControlGroups=yes',
    'ProtectClock=yes',
    'ProtectHostname=yes',
    'ProtectProc=invisible',
    'RemoveIPC=yes',
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
    // A refused call fails, as it would without the right; without this line the process would be killed.
    'SystemCallErrorNumber=EPERM',
    `UMask=${needs.umask ?? '0077'}`,
  ].join('\n');
}
