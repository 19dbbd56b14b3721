import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bridgesGroupName, shardGroupName, shardNames, stackName } from '../../src/contract/names.js';
import { DEBIAN, EVERYWHERE, TURN } from '../../src/node/provision/packages.js';
import type { Report } from '../../src/rehearsal/report.js';
import { Desk, leftOnThisMachine, SOLO } from '../desk.js';
import { dailyUpgrade } from './daily-upgrade.js';
import { type MachineRights, machineRights, terminated } from './machine-rights.js';
import { listeners, ports } from './team-ports.js';

const desk = new Desk(`${SOLO}size: team\n`);
afterAll(async () => {
  await desk.convoke(['--cloud', 'rehearsal', 'down', '--now']);
  desk.remove();
});

describe('two shards and two bridges, simulated with machines', () => {
  let answer: Awaited<ReturnType<Desk['convoke']>>;
  let report: Report;

  beforeAll(async () => {
    answer = await desk.convoke([
      'rehearse',
      '--scenario',
      'shard,bridges-gone,drain',
      '--ports',
      desk.ports,
      '--keep',
    ]);
    if (existsSync(`${desk.folder}/rehearsal-report/report.json`))
      report = JSON.parse(desk.read('rehearsal-report/report.json'));
  });

  const measurements = (scenario: string) =>
    Object.fromEntries(
      report.scenarios
        .find(({ name }) => name === scenario)
        ?.measurements.map(({ id, value }) => [id, value]) ?? [],
    );
  const moments = (scenario: string) =>
    report.scenarios
      .find(({ name }) => name === scenario)
      ?.timeline.moments.map(({ what }) => what)
      .join('\n');

  it('succeeds, with every measurement within its limit', () => {
    expect(answer.exitCode, `${answer.stdout}\n${answer.stderr}`).toBe(0);
    expect(report).toMatchObject({ ok: true, size: 'team', media: 'fakes' });
    expect(report.scenarios.map(({ name, ok }) => [name, ok])).toEqual([
      ['shard', true],
      ['bridges-gone', true],
      ['drain', true],
    ]);
  });

  it('probes a complete meeting on each shard', () => {
    expect(report.probes.map(({ ok, shard }) => [ok, shard])).toEqual([
      [true, 'a'],
      [true, 'b'],
    ]);
  });

  it('moves the rooms of a failed shard to the other, each to one shard, and no other rooms', () => {
    expect(measurements('shard')).toMatchObject({
      'rooms-again': expect.any(Number),
      'split-rooms': 0,
      'other-rooms-moved': 0,
      'moved-on-return': 0,
      'as-before': expect.any(Number),
    });
    expect(moments('shard')).toMatch(/room 1: the first connection is lost/);
    expect(moments('shard')).toMatch(/shard a \(i-\w+, eu-central-1.\) is in service/);
  });

  it('keeps all shards and connections when all bridges fail, and resumes calls with the first new one', () => {
    expect(measurements('bridges-gone')).toMatchObject({
      'shards-replaced': 0,
      dropped: 0,
      'split-rooms': 0,
      'calls-again': expect.any(Number),
      'as-before': expect.any(Number),
    });
  });

  it('drops no participant when a bridge drains, and terminates it only when it is empty', () => {
    expect(measurements('drain')).toMatchObject({ dropped: 0, 'other-calls': 0, gone: expect.any(Number) });
    expect(moments('drain')).toMatch(/bridge \(i-\w+, eu-central-1.\) is being drained/);
  });

  it('sends one mail for each incident and one all-clear, and none about the drained bridge', () => {
    const subjects = report.mails.map(({ subject }) => subject);
    expect(subjects.filter((subject) => !/Confirmation|arrives$/.test(subject))).toEqual([
      'meet.example.org: the machine of shard a failed and is being replaced',
      expect.stringMatching(/^meet\.example\.org: all is well again after /),
      'meet.example.org: a bridge failed and is being replaced',
      expect.stringMatching(/^meet\.example\.org: all is well again after /),
    ]);
  });

  it('draws a timeline of the availability', () => {
    const page = desk.read('rehearsal-report/index.html');
    expect(page).toContain('<svg class="timeline"');
    expect(page).not.toMatch(/<script|src=|href="http/);
  });

  it('opens only ports of machines that the template’s security groups allow', async () => {
    for (const { what, arrived, open } of await ports(stackName('meet-example-org')))
      expect({ what, arrived }).toEqual({ what, arrived: open });
  });

  it('has no listening port, except on loopback, that is not in the list of ports', async () => {
    for (const { what, unknown } of await listeners())
      expect({ what, unknown }).toEqual({ what, unknown: [] });
  });

  it('restarts nothing by itself when Debian’s daily jobs install security updates', async () => {
    const packages = [...EVERYWHERE, ...DEBIAN, ...TURN];
    const { timers, versions, restarted } = await dailyUpgrade(packages);
    expect(timers).toEqual({ 'apt-daily.timer': 'active', 'apt-daily-upgrade.timer': 'active' });
    const { nano, ...held } = versions;
    expect(nano, 'security updates of what no meeting depends on are installed').toBe('99:1');
    expect(Object.keys(held).toSorted()).toEqual(packages.toSorted());
    expect(Object.values(held)).not.toContain('99:1');
    expect(restarted).toEqual([]);
  });

  it('gives machines the rights for all their calls, and none that they do not use', async () => {
    const shards = shardNames(2).map((shard) => shardGroupName('meet-example-org', shard));
    const groups = [bridgesGroupName('meet-example-org'), ...shards];
    // The drill drained a bridge. A shard needs its right to complete its termination only when it is drained as well.
    await Promise.all(shards.map(terminated));
    const found = new Map((await machineRights()).map((each) => [each.group, each]));
    expect([...found.keys()].toSorted()).toEqual(groups.toSorted());
    for (const group of groups) {
      const { called, denied, needless } = found.get(group) as MachineRights;
      console.info(`${group}: ${called.join(' ')}`);
      expect({ group, denied, needless }).toEqual({ group, denied: [], needless: [] });
    }
  });

  it('shows lines of all machines, also of those that were terminated, and no names of rooms', async () => {
    const { stdout } = await desk.convoke(['logs', '--cloud', 'rehearsal', '--json', '--since', '3h']);
    const lines = stdout.split('\n').map((line) => JSON.parse(line) as Record<string, string>);
    const { stdout: now } = await desk.convoke(['status', '--cloud', 'rehearsal', '--json']);
    const running = (JSON.parse(now) as { machines: { id: string }[] }).machines.map(({ id }) => id);
    const provisioned = lines
      .filter(({ text }) => text?.includes('provisioned in'))
      .map((line) => line.instance);
    const gone = new Set(provisioned.filter((id) => id && !running.includes(id)));
    expect(gone.size, 'the drills ended machines').toBeGreaterThan(2);
    expect(new Set(lines.map(({ machine }) => machine))).toEqual(new Set(['shard-a', 'shard-b', 'bridge']));
    expect(lines.map(({ at }) => at)).toEqual(lines.map(({ at }) => at).toSorted());
    expect(stdout).not.toContain('@conference.');
  });

  it('leaves nothing behind', async () => {
    const down = await desk.convoke(['--cloud', 'rehearsal', 'down', '--now']);
    expect(down.exitCode, down.stderr).toBe(0);
    expect(leftOnThisMachine()).toEqual([]);
  });
});
