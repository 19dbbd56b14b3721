import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';

/** Total resources of the daemons of one kind. */
export interface Taken {
  /** Milliseconds of processor time since their start. */
  readonly cpu: number;
  /** Bytes of memory; shared memory counts once. */
  readonly memory: number;
}

/** Kinds of daemons, and the patterns of their command lines. */
const KINDS = {
  prosody: /prosody/,
  focus: /jicofo/,
  web: /^nginx/,
  haproxy: /haproxy/,
} as const;
export type Kind = keyof typeof KINDS;

/** Clock ticks a second, in which Linux counts processor time: 100 on every architecture that Node.js runs on. */
const TICKS = 100;

/** Resources of the daemons in these network namespaces. Processes that have ended are not counted. */
export function daemonsIn(namespaces: readonly string[]): Readonly<Record<Kind, Taken>> {
  const inodes = new Set(namespaces.map((path) => `net:[${statSync(path).ino}]`));
  const sums: Record<Kind, Taken> = {
    prosody: { cpu: 0, memory: 0 },
    focus: { cpu: 0, memory: 0 },
    web: { cpu: 0, memory: 0 },
    haproxy: { cpu: 0, memory: 0 },
  };
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      if (!inodes.has(readlinkSync(`/proc/${pid}/ns/net`))) continue;
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      const kind = (Object.keys(KINDS) as Kind[]).find((one) => KINDS[one].test(command));
      if (!kind) continue;
      const { cpu, memory } = takenBy(pid);
      sums[kind] = { cpu: sums[kind].cpu + cpu, memory: sums[kind].memory + memory };
    } catch {
      // It ended in the meantime.
    }
  }
  return sums;
}

function takenBy(pid: string): Taken {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // After the name, which is in brackets and may contain any character.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [user, system] = [fields[11], fields[12]].map(Number);
  const shared = /^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1];
  return { cpu: (((user ?? 0) + (system ?? 0)) * 1_000) / TICKS, memory: Number(shared) * 1_024 };
}
