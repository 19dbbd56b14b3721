/** A systemd unit that convoke starts, in the order in which they are started. */
export const DAEMONS = [
  'convoke-metadata-access',
  'prosody',
  'jicofo',
  'jitsi-videobridge2',
  'nginx',
  'haproxy',
  'convoke-turn-peers',
  'coturn',
  'convoke-recorder-audio',
  'jibri-xorg',
  'jibri-icewm',
  'jibri',
  'convoke-agent',
] as const;
export type Daemon = (typeof DAEMONS)[number];

/** Those of a recorder. */
export const RECORDER_DAEMONS: readonly Daemon[] = [
  'convoke-recorder-audio',
  'jibri-xorg',
  'jibri-icewm',
  'jibri',
];

/** The required content, mode and owner of a file on the machine. */
export interface MachineFile {
  readonly path: string;
  /** Permission bits, such as `0o640`. */
  readonly mode: number;
  /** `user:group`, by name. */
  readonly owner: string;
  readonly text: string;
  /** What reads it: daemons, systemd itself (unit files), the kernel (sysctl), the journal, or the resolver of names. */
  readonly readBy: readonly (Daemon | 'systemd' | 'kernel' | 'journal' | 'resolver')[];
}

/** First line of each file, after the comment sign of its syntax. */
export const NOTICE = 'Written by convoke at provisioning and at boot. Changes made by hand are lost.';
