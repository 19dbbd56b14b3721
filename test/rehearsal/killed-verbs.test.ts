import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { loadDeployment } from '../../src/config/load.js';
import { Desk, leftOnThisMachine } from '../desk.js';
import { startSimulatedCloud } from './simulated-cloud.js';

/**
 * Commands that are killed at random moments, with simulated machines. `npm run test:kill` kills every command CONVOKE_KILLS
 * times, at moments that follow from CONVOKE_SEED. Otherwise `up` and `down` are killed once each.
 */
const ALL = process.env.CONVOKE_KILLS !== undefined;
const KILLS = Number(process.env.CONVOKE_KILLS ?? 1);
const SEED = Number(process.env.CONVOKE_SEED ?? randomInt(2 ** 31));

const REHEARSAL = ['--cloud', 'rehearsal'];
/** Commands that do not change a deployment, and `up` without a change. */
const OTHERS: Readonly<Record<string, readonly string[]>> = {
  init: [
    ...['init', '-c', 'new.yaml', '--force', '--domain', 'a.example.org'],
    ...['--region', 'eu-central-1', '--alerts', 'a@example.org'],
  ],
  check: ['check', ...REHEARSAL],
  preview: ['preview', ...REHEARSAL],
  cost: ['cost', ...REHEARSAL],
  up: ['up', ...REHEARSAL],
  status: ['status', ...REHEARSAL],
  logs: ['logs', ...REHEARSAL],
  report: ['report', ...REHEARSAL],
  drill: ['drill', 'shard', '--yes', ...REHEARSAL],
  invite: ['invite', 'standup', '-c', 'members.yaml', ...REHEARSAL],
  policy: ['policy', '--apply', ...REHEARSAL],
  probe: ['probe', ...REHEARSAL],
  eject: ['eject', '--to', 'ejected'],
};

const desk = new Desk();
desk.write('members.yaml', `${desk.read('convoke.yaml')}access: members\n`);
const say = (line: string) => process.stdout.write(`${line}\n`);
say(`CONVOKE_SEED=${SEED}`);
afterAll(() => desk.remove());

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Starts a command and kills it after a time. Returns its duration in milliseconds if it ended before. */
async function kill(args: readonly string[], after: number): Promise<number | undefined> {
  const from = performance.now();
  const verb = desk.start(args);
  verb.stderr.resume();
  const ended = once(verb, 'exit');
  const timer = setTimeout(() => verb.kill('SIGKILL'), after);
  const [, signal] = await ended;
  clearTimeout(timer);
  return signal === 'SIGKILL' ? undefined : performance.now() - from;
}

async function goesUp(): Promise<void> {
  const { exitCode, stderr } = await desk.convoke(['up', ...REHEARSAL]);
  expect(exitCode, stderr).toBe(0);
}

async function goesDown(): Promise<void> {
  const { exitCode, stdout, stderr } = await desk.convoke(['down', ...REHEARSAL]);
  expect(exitCode, stderr).toBe(0);
  expect(stdout).toContain('Nothing left.');
  expect(leftOnThisMachine()).toEqual([]);
}

const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(1)} s`;

/** Duration without a kill, in milliseconds. */
async function usual(args: readonly string[]): Promise<number> {
  const from = performance.now();
  await desk.convoke(args);
  return performance.now() - from;
}

/** Kills a command KILLS times, each time at another moment of its usual duration. */
async function killOften(
  name: string,
  args: readonly string[],
  { before, after }: { before: () => Promise<void>; after: (nth: number) => Promise<void> },
): Promise<void> {
  const next = random(SEED + name.length);
  await before();
  let whole = await usual(args);
  await after(0);
  let kills = 0;
  for (let attempt = 1; kills < KILLS && attempt <= 4 * KILLS; attempt++) {
    await before();
    const moment = next() * whole;
    const ended = await kill(args, moment);
    await after(attempt);
    // The usual duration was measured while the machine was busier.
    if (ended !== undefined) whole = ended;
    else say(`${name} killed after ${seconds(moment)} of ${seconds(whole)}: ${++kills} of ${KILLS}`);
  }
  expect(kills).toBe(KILLS);
}

/** Longer than needed on any host; each wait inside has its own timeout. */
const PATIENCE_MS = 3_600_000;

it(
  'up, killed: the next up continues, and down leaves nothing behind',
  async () => {
    await killOften('up', ['up', ...REHEARSAL], {
      before: startSimulatedCloud,
      async after(nth) {
        if (nth % 4 === 1) await goesUp();
        await goesDown();
      },
    });
  },
  PATIENCE_MS,
);

it(
  'down, killed: the next down leaves nothing behind',
  async () => {
    await killOften('down', ['down', ...REHEARSAL], {
      async before() {
        await startSimulatedCloud();
        await goesUp();
      },
      after: goesDown,
    });
  },
  PATIENCE_MS,
);

it.runIf(ALL)(
  'rehearse, killed: the next down leaves nothing behind',
  async () => {
    await killOften('rehearse', ['rehearse', '--control-plane-only', '--ports', desk.ports], {
      before: async () => {},
      after: goesDown,
    });
  },
  PATIENCE_MS,
);

it.runIf(ALL)(
  'every other command, killed: up and down still work',
  async () => {
    await startSimulatedCloud();
    await goesUp();
    for (const [name, args] of Object.entries(OTHERS)) {
      await killOften(name, args, {
        before: async () => {
          for (const written of ['new.yaml', 'ejected'])
            rmSync(join(desk.folder, written), { recursive: true, force: true });
        },
        async after() {
          // Files are written completely or not at all.
          if (existsSync(join(desk.folder, 'new.yaml'))) loadDeployment(join(desk.folder, 'new.yaml'));
          const ejected = join(desk.folder, 'ejected');
          expect(existsSync(join(ejected, 'README.md'))).toBe(existsSync(ejected));
        },
      });
    }
    expect((await desk.convoke(['policy', '--remove', ...REHEARSAL])).exitCode).toBe(0);
    await goesUp();
    await goesDown();
  },
  PATIENCE_MS,
);
