import type { MachineSpec } from '../../contract/machine-spec.js';
import type { Daemon } from './file.js';

/** Minimum heap of Jicofo in MiB. Measured with this heap: 170–205 MB resident. */
const JICOFO_HEAP_LEAST = 256;
/** Maximum heap of Jicofo in MiB. Its package allows 3 GiB on any machine, too much for a small one. */
const JICOFO_HEAP_MOST = 1024;
/** Share of the machine's memory; Jicofo is one of several daemons. */
const JICOFO_HEAP_SHARE = 1 / 16;

/** Heap of Jicofo in MiB, in steps of 64, for a machine with `memory` MiB. */
export function jicofoHeap(memory: number): number {
  const heap = Math.floor((memory * JICOFO_HEAP_SHARE) / 64) * 64;
  return Math.min(JICOFO_HEAP_MOST, Math.max(JICOFO_HEAP_LEAST, heap));
}

/** Maximum heap of a Videobridge in MiB; the default of its package. */
const BRIDGE_HEAP_MOST = 3072;
/** Minimum: with less it mostly collects garbage. Measured with a small call: about 345 MB resident. */
const BRIDGE_HEAP_LEAST = 384;
/** MiB for everything else on a shard: system and page cache, Jicofo, Prosody, nginx, HAProxy, agent. */
const REST_OF_SHARD = 1000;
/** The same on a dedicated bridge: system and page cache, agent, and the kernel's buffers for media. */
const REST_OF_BRIDGE = 500;
/** A JVM uses more than its heap: threads, code, buffers. */
const HEAP_SHARE = 0.7;

/** Heap of a Videobridge in MiB, in steps of 64, for a machine with `memory` MiB. */
export function bridgeHeap(memory: number, on: MachineSpec['role']): number {
  const rest = on === 'shard' ? REST_OF_SHARD : REST_OF_BRIDGE;
  const heap = Math.floor(((memory - rest) * HEAP_SHARE) / 64) * 64;
  return Math.min(BRIDGE_HEAP_MOST, Math.max(BRIDGE_HEAP_LEAST, heap));
}

/** MiB that a JVM uses besides its heap: classes, compiled code, thread stacks, buffers. */
const JVM_REST = 256;
/** A bridge also has packet buffers outside its heap, proportional to its load. */
const BRIDGE_REST_SHARE = 0.25;

/**
 * Share of the machine's memory for each other daemon, and its minimum in MiB. Measured on an idle shard: Prosody 28
 * MB, nginx 13 MB, HAProxy 34 MB, coturn 16 MB; a session in Prosody 30 KB. HAProxy has two buffers of 16 KB per open
 * request.
 */
const MEMORY_SHARES = {
  prosody: { share: 0.25, least: 256 },
  nginx: { share: 0.15, least: 192 },
  haproxy: { share: 0.15, least: 192 },
  coturn: { share: 0.15, least: 192 },
} as const;

/**
 * Memory limit of a daemon in MiB. Beyond it the kernel kills the daemon and systemd restarts it, so a leak affects
 * one daemon and not the machine. The sum may exceed the memory, since no two daemons grow at once.
 */
export function memoryMax(
  daemon: keyof typeof MEMORY_SHARES | Extract<Daemon, 'jicofo' | 'jitsi-videobridge2'>,
  memory: number,
  on: MachineSpec['role'],
): number {
  if (daemon === 'jicofo') return jicofoHeap(memory) + JVM_REST;
  if (daemon === 'jitsi-videobridge2') {
    return Math.round(bridgeHeap(memory, on) * (1 + BRIDGE_REST_SHARE)) + JVM_REST;
  }
  const { share, least } = MEMORY_SHARES[daemon];
  return Math.max(least, Math.round(memory * share));
}
