import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Account } from '../../src/cloud/account.js';
import { imageBuilders } from '../../src/cloud/machine-images.js';
import { BAKED } from '../../src/contract/console-lines.js';
import type { EmulatedAccount } from './control-plane/account.js';

/** Plays what the machines write to their consoles from which machine images are made: simulated ones run no program. */
export class ImageBuilders {
  /** The line that they write. Default: that they are ready. */
  says = `convoke: ${BAKED}`;
  /** Ids of all of them, in order. */
  readonly seen: string[] = [];
  private readonly ended = new AbortController();
  private readonly playing: Promise<void>;

  constructor(
    private readonly emulated: EmulatedAccount,
    private readonly account: Account,
    private readonly deployment: string,
  ) {
    mkdirSync(join(emulated.run, 'consoles'), { recursive: true });
    this.playing = this.play();
  }

  async stop(): Promise<void> {
    this.ended.abort();
    await this.playing;
  }

  private async play(): Promise<void> {
    while (!this.ended.signal.aborted) {
      for (const { id, state } of await imageBuilders(this.account, this.deployment)) {
        if (!this.seen.includes(id)) this.seen.push(id);
        if (state === 'running')
          writeFileSync(join(this.emulated.run, 'consoles', `${id}.log`), `${this.says}\r\n`);
      }
      await wait(200);
    }
  }
}
