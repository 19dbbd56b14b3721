/** MiB of heap for Jicofo. Measured with this heap: 170–205 MB resident. */
export const JICOFO_HEAP = 256;

/** What a Videobridge is given at most; its package has the same default. */
const BRIDGE_HEAP_MOST = 3072;
/** Less than this and it spends its time collecting garbage. Measured with a small call: about 345 MB resident. */
const BRIDGE_HEAP_LEAST = 384;
/** MiB for everything else on the machine: system and page cache, Jicofo, Prosody, nginx, HAProxy, agent. */
const REST_OF_CELL = 1000;
/** The same where the bridge has the machine to itself: system and page cache, agent, and buffers of the kernel for media. */
const REST_OF_BRIDGE = 500;
/** A JVM takes more than its heap: threads, code, buffers. */
const HEAP_SHARE = 0.7;

/** Heap for a Videobridge on a machine of so many MiB, which it shares with a cell or has to itself: MiB, in steps of 64. */
export function bridgeHeap(memory: number, on: 'cell' | 'bridge'): number {
  const rest = on === 'cell' ? REST_OF_CELL : REST_OF_BRIDGE;
  const heap = Math.floor(((memory - rest) * HEAP_SHARE) / 64) * 64;
  return Math.min(BRIDGE_HEAP_MOST, Math.max(BRIDGE_HEAP_LEAST, heap));
}
