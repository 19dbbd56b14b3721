import type { Daemon } from './file.js';

/** MiB of heap for Jicofo on the smallest machine. Measured with this heap: 170–205 MB resident. */
const JICOFO_HEAP_LEAST = 256;
/** Never more. Its package allows 3 GiB on any machine, which a small one does not have. */
const JICOFO_HEAP_MOST = 1024;
/** Jicofo is one of several daemons of a shard. */
const JICOFO_HEAP_SHARE = 1 / 16;

/** Heap for Jicofo on a machine of so many MiB: MiB, in steps of 64. */
export function jicofoHeap(memory: number): number {
  const heap = Math.floor((memory * JICOFO_HEAP_SHARE) / 64) * 64;
  return Math.min(JICOFO_HEAP_MOST, Math.max(JICOFO_HEAP_LEAST, heap));
}

/** What a Videobridge is given at most; its package has the same default. */
const BRIDGE_HEAP_MOST = 3072;
/** Less than this and it spends its time collecting garbage. Measured with a small call: about 345 MB resident. */
const BRIDGE_HEAP_LEAST = 384;
/** MiB for everything else on the machine: system and page cache, Jicofo, Prosody, nginx, HAProxy, agent. */
const REST_OF_SHARD = 1000;
/** The same where the bridge has the machine to itself: system and page cache, agent, and buffers of the kernel for media. */
const REST_OF_BRIDGE = 500;
/** A JVM takes more than its heap: threads, code, buffers. */
const HEAP_SHARE = 0.7;

/** Heap for a Videobridge on a machine of so many MiB, which it shares with a shard or has to itself: MiB, in steps of 64. */
export function bridgeHeap(memory: number, on: 'shard' | 'bridge'): number {
  const rest = on === 'shard' ? REST_OF_SHARD : REST_OF_BRIDGE;
  const heap = Math.floor(((memory - rest) * HEAP_SHARE) / 64) * 64;
  return Math.min(BRIDGE_HEAP_MOST, Math.max(BRIDGE_HEAP_LEAST, heap));
}

/** MiB that a JVM takes besides its heap: classes, compiled code, stacks of threads, buffers. */
const JVM_REST = 256;
/** A bridge also has buffers for packets outside its heap, the more the more it carries. */
const BRIDGE_REST_SHARE = 0.25;

/**
 * Share of the machine that each of the others may have, and MiB that it always may. Measured on an idle shard: Prosody 28 MB,
 * nginx 13 MB, HAProxy 34 MB, coturn 16 MB; a session in Prosody 30 KB. HAProxy has two buffers of 16 KB for an open request.
 */
const MEMORY_SHARES = {
  prosody: { share: 0.25, least: 256 },
  nginx: { share: 0.15, least: 192 },
  haproxy: { share: 0.15, least: 192 },
  coturn: { share: 0.15, least: 192 },
} as const;

/**
 * MiB that a daemon may take on a machine of so many MiB. With more, the kernel ends it and systemd starts it again: so a
 * daemon that leaks ends its own work, and not the machine's. Together they may have more than there is, since no two of
 * them grow at once.
 */
export function memoryMax(
  daemon: keyof typeof MEMORY_SHARES | Extract<Daemon, 'jicofo' | 'jitsi-videobridge2'>,
  memory: number,
  on: 'shard' | 'bridge',
): number {
  if (daemon === 'jicofo') return jicofoHeap(memory) + JVM_REST;
  if (daemon === 'jitsi-videobridge2') {
    return Math.round(bridgeHeap(memory, on) * (1 + BRIDGE_REST_SHARE)) + JVM_REST;
  }
  const { share, least } = MEMORY_SHARES[daemon];
  return Math.max(least, Math.round(memory * share));
}
