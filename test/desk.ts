import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { execa } from 'execa';
import { convokeHome } from '../src/config/home.js';
import { paths, resourcesOf } from '../src/rehearsal/paths.js';
import { freePort } from './free-port.js';

export const MAIN = join(process.cwd(), 'dist/cli/main.js');

const PORTS = `${await freePort()},${await freePort()}`;

/** A file with only the required settings. */
export const SOLO = 'domain: meet.example.org\nregion: eu-central-1\nalerts: ops@example.org\n';

export interface Answer {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** User and environment of a command. */
export interface InstanceContext {
  readonly env?: Record<string, string>;
  readonly extendEnv?: boolean;
  readonly uid?: number;
  readonly gid?: number;
}

/** A user's folder with a `convoke.yaml`, and the command. */
export class Desk {
  readonly folder = mkdtempSync(join(tmpdir(), 'convoke-desk-'));
  /** Ports that differ from the default ones, and from those of other running tests. */
  readonly ports = PORTS;

  constructor(yaml = SOLO) {
    this.write('convoke.yaml', yaml);
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text);
  }

  read(name: string): string {
    return readFileSync(join(this.folder, name), 'utf8');
  }

  /** Runs the command and waits for its end. */
  async convoke(args: readonly string[], options: InstanceContext = {}): Promise<Answer> {
    const { exitCode, stdout, stderr } = await execa(process.execPath, [MAIN, ...args], {
      cwd: this.folder,
      reject: false,
      stdin: 'ignore',
      ...options,
    });
    return { exitCode, stdout, stderr };
  }

  /** Starts the command without waiting for it; its progress can be read while it runs. */
  start(args: readonly string[]): ChildProcess & { stderr: Readable } {
    return spawn(process.execPath, [MAIN, ...args], {
      cwd: this.folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    }) as ChildProcess & { stderr: Readable };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Leftovers of rehearsals in this home: folders, network namespaces, and processes with the home in their command line. */
export function leftOnThisMachine(): string[] {
  const home = convokeHome();
  const { namespace } = resourcesOf(paths());
  const files = [join(home, 'rehearsal'), join(home, 'scratch'), join('/run/netns', namespace)].filter(
    existsSync,
  );
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return command.includes(home) ? [command] : [];
      } catch {
        return [];
      }
    });
  return [...files, ...processes];
}

/** Temporary files that convoke or its dependencies may have created. */
export const temporaryFiles = (): string[] =>
  readdirSync(tmpdir()).filter((name) => /^(convoke-(?!desk)|cdk|mmdebstrap|asset)/.test(name));
