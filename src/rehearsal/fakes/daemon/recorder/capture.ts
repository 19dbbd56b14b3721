import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A running FFmpeg. It is real, and so is what it captures: the recorder's display and its sound, with no meeting on them. */
export class Capture {
  private readonly process: ChildProcess;
  private readonly exited: Promise<unknown>;

  constructor(command: readonly string[], output: string) {
    const [program = '', ...options] = command;
    this.process = spawn(program, [...options, output], { stdio: ['ignore', 'ignore', 'ignore'] });
    this.exited = once(this.process, 'exit').catch(() => undefined);
  }

  /** Ends FFmpeg, which then completes its output. */
  async stop(): Promise<void> {
    this.process.kill('SIGTERM');
    await this.exited;
  }

  onExit(act: () => void): void {
    this.process.once('exit', act);
    this.process.once('error', act);
  }
}

/**
 * The recorder's browser, with the flags of the configuration. It is real and shows the page of the meeting, which in a rehearsal
 * is a fake, too.
 */
export class Browser {
  private readonly process: ChildProcess;
  private readonly profile = mkdtempSync(join(tmpdir(), 'browser-'));

  constructor(flags: readonly string[], url: string) {
    // The rehearsal's authority is not one of Chromium's.
    const own = ['--enable-automation', '--ignore-certificate-errors', `--user-data-dir=${this.profile}`];
    this.process = spawn('chromium', [...flags, ...own, url], { stdio: 'ignore', detached: true });
    this.process.on('error', () => {});
  }

  close(): void {
    // Its children, too.
    if (this.process.pid) process.kill(-this.process.pid, 'SIGKILL');
    rmSync(this.profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

/** The file of a recording, named as Jibri does, in a folder of its own. */
export function recordingFile(folder: string, session: string, room: string, at: Date): string {
  const own = join(folder, session.replace(/[^a-zA-Z0-9_-]/g, '_'));
  mkdirSync(own, { recursive: true });
  const time = at.toISOString().slice(0, 19).replace(/[T:]/g, '-');
  return join(own, `${room.slice(0, 90)}_${time}.mp4`);
}

/** What Jibri writes beside a recording at its end. */
export const writeMetadata = (file: string, url: string): void =>
  writeFileSync(
    join(file, '..', 'metadata.json'),
    JSON.stringify({ meeting_url: url, participants: [], fake: true }),
  );
