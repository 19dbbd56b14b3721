import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildFakes } from '../../src/rehearsal/fakes/build.js';
import type { Report } from '../../src/rehearsal/report.js';
import { Desk, leftOnThisMachine, SOLO } from '../desk.js';

/**
 * Upgrades on container machines, with people in meetings. They take twenty minutes, so that they run on demand:
 * `npm run test:upgrade`.
 */
describe.skipIf(!process.env.CONVOKE_UPGRADE)('upgrades of two shards and two bridges', () => {
  const folder = mkdtempSync(join(tmpdir(), 'convoke-desk-releases-'));
  const desk = new Desk(`${SOLO}size: team\npackages: {directory: ${folder}}\n`);
  const convoke = (...args: string[]) => desk.convoke(['--cloud', 'rehearsal', ...args]);

  beforeAll(async () => {
    await buildFakes(folder, { version: '0.1~fake' });
    await buildFakes(folder, { version: '0.2~fake' });
  });
  afterAll(async () => {
    await convoke('down', '--now');
    rmSync(folder, { recursive: true });
    desk.remove();
  });

  it('go to the older release and back while people are in meetings', async () => {
    const { exitCode, stdout, stderr } = await desk.convoke([
      ...['rehearse', '--scenario', 'upgrade,upgrade', '--ports', desk.ports, '--keep'],
    ]);
    expect(exitCode, `${stdout}\n${stderr}`).toBe(0);
    const { scenarios, mails }: Report = JSON.parse(desk.read('rehearsal-report/report.json'));
    for (const { measurements } of scenarios) {
      console.info(measurements.map(({ name, value, unit }) => `${name}: ${value} ${unit}`).join('\n'));
      const values = Object.fromEntries(measurements.map(({ id, value }) => [id, value]));
      expect(values).toMatchObject({ dropped: 0, incomplete: 0, 'split-rooms': 0 });
    }
    // Nothing failed, so nobody is told.
    expect(
      mails.map(({ subject }) => subject).filter((subject) => !/Confirmation|arrives$/.test(subject)),
    ).toEqual([]);
  }, 1_200_000);

  it.each([
    ['bridge', '0.3~fake'],
    ['prosody', '0.4~fake'],
  ] as const)(
    'go back by themselves if the release’s %s does not work',
    async (broken, version) => {
      await buildFakes(folder, { version, broken });
      const began = Date.now();
      const { exitCode, stderr } = await convoke('upgrade', '--no-check', '--to', version);
      console.info(`${version}, ${broken} broken: ${Math.round((Date.now() - began) / 1_000)} s\n${stderr}`);
      expect(exitCode).toBe(1);
      expect(stderr).toContain('All machines are as they were before, and the deployment serves.');
      const status = await convoke('status', '--json');
      expect(status.exitCode, status.stdout).toBe(0);
      const { machines } = JSON.parse(status.stdout) as {
        machines: { lifecycle: string; release: string }[];
      };
      expect(machines.map(({ lifecycle, release }) => [lifecycle, release])).toEqual(
        Array(4).fill(['InService', '0.2~fake']),
      );
    },
    2_400_000,
  );

  it('leave nothing', async () => {
    const down = await convoke('down', '--now');
    expect(down.exitCode, down.stderr).toBe(0);
    expect(leftOnThisMachine()).toEqual([]);
  });
});
