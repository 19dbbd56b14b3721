import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildFakes } from '../../src/rehearsal/fakes/build.js';
import { Desk, leftOnThisMachine, SOLO } from '../desk.js';
import { startSimulatedCloud } from './simulated-cloud.js';

/** An upgrade that is killed, and mistakes of the user, on simulated machines. */
const folder = mkdtempSync(join(tmpdir(), 'convoke-desk-releases-'));
const desk = new Desk(`${SOLO}size: team\npackages: {directory: ${folder}}\n`);
const REHEARSAL = ['--cloud', 'rehearsal'];
const UPGRADE = ['upgrade', ...REHEARSAL, '--no-check'];

beforeAll(async () => {
  await buildFakes(folder, { version: '0.1~fake' });
  await startSimulatedCloud();
});
afterAll(async () => {
  await desk.convoke(['--cloud', 'rehearsal', 'down', '--now']);
  rmSync(folder, { recursive: true });
  desk.remove();
});

const releases = async () => {
  const { stdout } = await desk.convoke(['status', '--json', ...REHEARSAL]);
  const { machines, roll } = JSON.parse(stdout) as {
    machines: { lifecycle: string; release: string }[];
    roll?: { state: string; done: string[] };
  };
  const serving = machines.filter(({ lifecycle }) => lifecycle === 'InService').map(({ release }) => release);
  return { serving: serving.toSorted(), roll };
};

/** Starts an upgrade, and kills it when it has replaced the bridges. */
async function killedAfterBridges(): Promise<void> {
  const upgrade = desk.start(UPGRADE);
  const ended = once(upgrade, 'exit');
  let said = '';
  upgrade.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    if (said.includes('✓ Replace the bridges')) upgrade.kill('SIGKILL');
  });
  expect((await ended)[1], said).toBe('SIGKILL');
}

it('says in a sentence what is wrong with a command, and changes nothing', async () => {
  const early = await desk.convoke(UPGRADE);
  expect(early).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('meet.example.org is not deployed.'),
  });
  const up = await desk.convoke(['up', ...REHEARSAL, '--no-check']);
  expect(up.exitCode, up.stderr).toBe(0);
  for (const [flags, sentence] of [
    [['--to', '7.0'], 'The package source has no release 7.0.'],
    [['--back'], 'There is no release to go back to.'],
    [['--at', '25:00'], '"25:00" is not a time of day.'],
  ] as const) {
    const { exitCode, stderr } = await desk.convoke([...UPGRADE, ...flags]);
    expect(stderr).toContain(sentence);
    expect(stderr).not.toMatch(/^ {4}at /m);
    expect(exitCode).toBe(2);
  }
});

it('completes when it was killed and is run again', async () => {
  await buildFakes(folder, { version: '0.2~fake' });
  await killedAfterBridges();
  const between = await releases();
  expect(between.roll).toMatchObject({ state: 'rolling', done: ['convoke-meet-example-org-bridges'] });
  expect(between.serving).toContain('0.1~fake');
  const again = await desk.convoke(UPGRADE);
  expect(again.exitCode, again.stderr).toBe(0);
  expect(again.stderr).not.toContain('Replace the bridges');
  expect(await releases()).toEqual({ serving: Array(4).fill('0.2~fake'), roll: undefined });
}, 300_000);

it('is taken back by "--back" when it was killed', async () => {
  await buildFakes(folder, { version: '0.3~fake' });
  await killedAfterBridges();
  const back = await desk.convoke([...UPGRADE, '--back']);
  expect(back.exitCode, back.stderr).toBe(0);
  expect((await releases()).serving).toEqual(Array(4).fill('0.2~fake'));
}, 300_000);

/** `npm run test:kill` sets it. */
const KILLS = Number(process.env.CONVOKE_KILLS ?? 0);
/** About as long as an upgrade on simulated machines takes. */
const USUAL_MS = 30_000;

it.runIf(KILLS > 0)(
  'completes when it was killed at any moment, also while it makes an image',
  async () => {
    for (let kill = 1; kill <= KILLS; kill++) {
      const version = `1.${kill}~fake`;
      await buildFakes(folder, { version });
      const upgrade = desk.start(UPGRADE);
      const ended = once(upgrade, 'exit');
      let said = '';
      upgrade.stderr.on('data', (chunk: Buffer) => {
        said += chunk.toString();
      });
      const after = randomInt(300, USUAL_MS);
      const timer = setTimeout(() => upgrade.kill('SIGKILL'), after);
      await ended;
      clearTimeout(timer);
      const from = performance.now();
      const again = await desk.convoke(UPGRADE);
      const last = said.trim().split('\n').at(-1) ?? '';
      process.stdout.write(
        `killed after ${(after / 1000).toFixed(1)} s (${last}), completed in ${((performance.now() - from) / 1000).toFixed(1)} s\n`,
      );
      expect(again.exitCode, `${said}\n${again.stderr}`).toBe(0);
      expect(await releases(), said).toEqual({ serving: Array(4).fill(version), roll: undefined });
    }
  },
  KILLS * 180_000,
);

it('leaves nothing', async () => {
  const down = await desk.convoke(['--cloud', 'rehearsal', 'down', '--now']);
  expect(down.exitCode, down.stderr).toBe(0);
  expect(leftOnThisMachine()).toEqual([]);
});
