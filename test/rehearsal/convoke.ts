import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa, type Options } from 'execa';

const MAIN = 'dist/cli/main.js';

/** What a person has: a folder with a `convoke.yaml`, and the command. Its home has the cache of all tests, and a cloud of its own. */
export class Desk {
  readonly folder = mkdtempSync(join(tmpdir(), 'convoke-desk-'));
  /** Ports of its own, so that a rehearsal of somebody else may run beside it. */
  readonly ports: readonly [number, number];

  constructor(ports: readonly [number, number], yaml = 'domain: meet.example.org\nregion: eu-central-1\nalerts: ops@example.org\n') {
    this.ports = ports;
    this.write('convoke.yaml', yaml);
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text);
  }

  read(name: string): string {
    return readFileSync(join(this.folder, name), 'utf8');
  }

  /** Types the command and waits for its end. */
  convoke(args: readonly string[], options: Options = {}) {
    return execa(process.execPath, [join(process.cwd(), MAIN), ...args], {
      cwd: this.folder,
      reject: false,
      env: { AWS_EC2_METADATA_DISABLED: 'true' },
      ...options,
    });
  }

  /** Types the command and goes on; whoever did that ends it. */
  start(args: readonly string[]): ChildProcess {
    return spawn(process.execPath, [join(process.cwd(), MAIN), ...args], { cwd: this.folder, stdio: 'ignore' });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export const home = process.env.CONVOKE_HOME ?? join(homedir(), '.convoke');
