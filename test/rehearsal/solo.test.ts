import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '../../src/rehearsal/report.js';
import { Desk, leftOnThisMachine, MAIN, temporaryFiles } from '../desk.js';

const desk = new Desk();
afterAll(() => desk.remove());

describe('the replacement of a failed machine, simulated with machines', () => {
  let answer: Awaited<ReturnType<Desk['convoke']>>;
  let report: Report;

  beforeAll(async () => {
    answer = await desk.convoke(['rehearse', '--ports', desk.ports]);
    if (existsSync(`${desk.folder}/rehearsal-report/report.json`))
      report = JSON.parse(desk.read('rehearsal-report/report.json'));
  });

  it('succeeds, and begins its report with the fact that it used fakes', () => {
    expect(answer.exitCode, `${answer.stdout}\n${answer.stderr}`).toBe(0);
    expect(String(answer.stderr).split('\n')[0]).toContain('Fakes');
    expect(report).toMatchObject({ ok: true, media: 'fakes', cloud: 'machines', browsers: [] });
  });

  it('logs each step with its time', () => {
    expect(report.steps.map(({ name, ok }) => `${ok ? '✓' : '✗'} ${name}`)).toMatchInlineSnapshot(`
      [
        "✓ Start a cloud on this machine",
        "✓ Preview what would be created",
        "✓ Deploy, and join a meeting",
        "✓ Deploy again: nothing changes",
        "✓ Cut the machine’s power: it is replaced",
        "✓ One mail says what failed, and one that all is well again",
        "✓ Delete everything, and check that nothing is left",
        "✓ Stop the cloud and clear this machine",
      ]
    `);
    for (const { seconds } of report.steps) expect(seconds).toBeGreaterThanOrEqual(0);
  });

  it('probes a complete meeting before and after the machine failed', () => {
    expect(report.probes).toHaveLength(2);
    for (const probe of report.probes) {
      expect(probe.steps.map(({ name, ok }) => [name, ok])).toEqual(
        ['page', 'config', 'focus', 'websocket', 'join', 'call', 'bosh'].map((name) => [name, true]),
      );
    }
  });

  it('reports each stage of the replacement in the other zone, in order', () => {
    const happened = report.timeline.map(({ what }) =>
      what.replace(/i-[0-9a-f]+/, 'X').replace(/eu-central-1./, 'Z'),
    );
    expect(happened[0]).toBe('power cut: X in Z');
    expect(happened).toContain('replacement X launched in Z');
    expect(happened.at(-1)).toBe('a participant joined a meeting again');
    const zones = report.timeline.flatMap(({ what }) => what.match(/eu-central-1./) ?? []);
    expect(new Set(zones).size).toBe(2);
  });

  it('sends one mail that says which machine failed, where and why, and one all-clear', () => {
    const mails = report.mails.filter(({ subject }) => !/Confirmation|arrives$/.test(subject));
    expect(mails.map(({ subject }) => subject)).toEqual([
      'meet.example.org: the machine of shard a failed and is being replaced',
      expect.stringMatching(/^meet\.example\.org: all is well again after /),
    ]);
    const [failed, clear] = mails.map(({ body }) => body);
    expect(failed).toMatch(
      /machine i-[0-9a-f]{17} in eu-central-1[ab]\. AWS says: .*(health check|status checks)/,
    );
    expect(clear).toMatch(/failed: i-[0-9a-f]{17} \(eu-central-1[ab]\); new: i-[0-9a-f]{17}\./);
  });

  it('leaves nothing behind', () => {
    expect(report.leftovers).toEqual([]);
    expect(leftOnThisMachine()).toEqual([]);
  });

  it('writes a self-contained page', () => {
    const page = desk.read('rehearsal-report/index.html');
    expect(page).toContain('fakes');
    expect(page).not.toMatch(/<script|src=|href="http/);
  });
});

describe('the control plane alone, on a terminal', () => {
  it('does the same with simulated machines, shows progress in one line, and leaves nothing behind', async () => {
    const before = temporaryFiles();
    const command = `stty cols 120; "${process.execPath}" "${MAIN}" rehearse --control-plane-only --ports ${desk.ports} --report plane`;
    const { exitCode, stdout } = await execa('script', ['-qec', command, '/dev/null'], {
      cwd: desk.folder,
      reject: false,
      stdin: 'ignore',
    });
    expect(exitCode, stdout).toBe(0);
    const report = JSON.parse(desk.read('plane/report.json')) as Report;
    expect(report).toMatchObject({
      complete: true,
      ok: true,
      media: 'none',
      cloud: 'control plane only',
      leftovers: [],
    });
    expect(leftOnThisMachine()).toEqual([]);
    expect(temporaryFiles().filter((name) => !before.includes(name))).toEqual([]);

    // Progress that was overwritten is followed by a carriage return.
    const lines = stdout.split('\r\n');
    const moving = lines.findIndex((line) => line.includes('\r\x1b[2K'));
    const states = lines[moving]?.split('\r\x1b[2K') ?? [];
    expect(states).toContainEqual(
      expect.stringMatching(/^… Deploy: \d+ of \d+, role of shard a's machines {2}\d+ s/),
    );
    expect(states.at(-1)).toMatch(/\d+ steps in /);
    expect(lines.filter((line) => line.includes('…'))).toHaveLength(1);
    expect(stdout).not.toMatch(/Jitsi\w+[0-9A-F]{8}/);
    for (const state of states.slice(0, -1)) expect(state.length).toBeLessThan(120);
  });

  it('keeps the steps that were complete when it was killed', async () => {
    const rehearsal = desk.start([
      ...['rehearse', '--control-plane-only', '--ports', desk.ports, '--report', 'killed'],
    ]);
    const ended = once(rehearsal, 'exit');
    rehearsal.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (text.includes('Deploy again')) rehearsal.kill('SIGKILL');
    });
    expect(await ended).toEqual([null, 'SIGKILL']);
    const report = JSON.parse(desk.read('killed/report.json')) as Report;
    expect(report).toMatchObject({ complete: false, ok: false });
    expect(report.steps.map(({ name, ok }) => [name, ok])).toContainEqual(['Deploy', true]);
    expect(desk.read('killed/index.html')).toContain('was interrupted');
    expect((await desk.convoke(['--cloud', 'rehearsal', 'down'])).exitCode).toBe(0);
    expect(leftOnThisMachine()).toEqual([]);
  });
});
