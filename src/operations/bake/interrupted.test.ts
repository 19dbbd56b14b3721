import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ImageBuilder, MachineImage } from '../../cloud/machine-images.js';
import { type BuilderConsole, nextStep } from './next-step.js';

const CONTENTS = 'the packages of release 2';

/** EC2, which may show what was requested only after a while. */
class ModelAccount {
  private now = 0;
  private readonly builders: (ImageBuilder & { shown: number; console: BuilderConsole })[] = [];
  private readonly images: (MachineImage & { shown: number })[] = [];

  constructor(private readonly lag: number) {}

  get shownBuilders() {
    return this.builders.filter(({ shown, state }) => shown <= this.now && state !== 'terminated');
  }

  get shownImages() {
    return this.images.filter(({ shown }) => shown <= this.now);
  }

  /** All machines that still run, also those that are not shown. */
  get running(): number {
    return this.builders.filter(({ state }) => state === 'running').length;
  }

  launch(contents = CONTENTS): void {
    const id = `i-${this.builders.length}`;
    const builder = { id, state: 'running', contents, release: '2', base: 'ami-debian' };
    this.builders.push({ ...builder, shown: this.now + this.lag, console: { is: 'installing' } });
  }

  store(builder: ImageBuilder): void {
    const image = {
      id: `ami-${this.images.length}`,
      state: 'pending',
      reason: '',
      created: new Date(this.now),
    };
    const { contents, release, base } = builder;
    this.images.push({ ...image, contents, release, base, snapshots: [], shown: this.now + this.lag });
  }

  terminate({ id }: ImageBuilder): void {
    const at = this.builders.findIndex((builder) => builder.id === id);
    const builder = this.builders[at];
    if (builder) this.builders[at] = { ...builder, state: 'terminated' };
  }

  tenSeconds(): void {
    this.now += 10_000;
    this.builders.forEach((builder, at) => {
      this.builders[at] = { ...builder, console: { is: 'ready' } };
    });
    this.images.forEach((image, at) => {
      if (image.created.getTime() + 30_000 <= this.now) this.images[at] = { ...image, state: 'available' };
    });
  }
}

/** A run of the command. It forgets what it requested when it is killed. */
class ModelRun {
  private requested: { what: 'builder' | 'image'; at: number } | undefined;
  private age = 0;
  image: MachineImage | undefined;

  constructor(private readonly account: ModelAccount) {}

  look(): void {
    const { account } = this;
    const next = nextStep({
      contents: CONTENTS,
      images: account.shownImages.filter(({ contents }) => contents === CONTENTS),
      builders: account.shownBuilders,
      requested: this.requested && { what: this.requested.what, ago: this.age - this.requested.at },
      waited: 0,
    });
    if (next.do === 'give up') throw new Error(next.why);
    if (next.do === 'launch') account.launch();
    if (next.do === 'store') account.store(next.builder);
    if (next.do === 'terminate') account.terminate(next.builder);
    if (next.do === 'launch') this.requested = { what: 'builder', at: this.age };
    if (next.do === 'store') this.requested = { what: 'image', at: this.age };
    if (next.do === 'done') this.image = next.image;
    this.age += 10_000;
  }
}

it('a command that is killed at any moments is completed by the next, and no machine goes on running', () => {
  const scenario = fc.record({
    /** EC2 shows things after up to half a minute. */
    lag: fc.integer({ min: 0, max: 30_000 }),
    /** Looks of each run before it is killed. */
    kills: fc.array(fc.nat(8), { maxLength: 20 }),
    /** Whether a machine for another release was left before. */
    left: fc.boolean(),
  });
  fc.assert(
    fc.property(scenario, ({ lag, kills, left }) => {
      const account = new ModelAccount(lag);
      if (left) account.launch('the packages of release 1');
      for (const looks of [...kills, 100]) {
        const run = new ModelRun(account);
        for (let look = 0; look < looks && !run.image; look++) {
          run.look();
          account.tenSeconds();
        }
        if (looks === 100) expect(run.image).toMatchObject({ state: 'available', contents: CONTENTS });
      }
      expect(account.running).toBe(0);
    }),
  );
});
