import { readFile, statfs } from 'node:fs/promises';

const MIB = 1024 * 1024;

/** Free disk space and memory of a machine, in MiB; undefined if it could not be read. */
export interface FreeResources {
  /** On the root file system, for processes other than those of root. */
  readonly disk: number | undefined;
  /** The kernel's estimate of what processes can still allocate without swapping. */
  readonly memory: number | undefined;
}

export async function freeResources(): Promise<FreeResources> {
  const [disk, memory] = await Promise.all([
    statfs('/').then(
      ({ bavail, bsize }) => Math.floor((bavail * bsize) / MIB),
      () => undefined,
    ),
    readFile('/proc/meminfo', 'utf8').then(availableMemory, () => undefined),
  ]);
  return { disk, memory };
}

/** `MemAvailable` of `/proc/meminfo`, in MiB. */
export function availableMemory(meminfo: string): number | undefined {
  const kib = /^MemAvailable:\s+(\d+) kB$/m.exec(meminfo)?.[1];
  return kib === undefined ? undefined : Math.floor(Number(kib) / 1024);
}
