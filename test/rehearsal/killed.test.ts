import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import waitFor from 'p-wait-for';
import { afterAll, describe, expect, it } from 'vitest';
import type { ProgressEvent } from '../../src/operations/progress.js';
import { paths } from '../../src/rehearsal/paths.js';
import { Desk, leftOnThisMachine } from '../desk.js';

const desk = new Desk();
afterAll(() => desk.remove());

/** `up` is killed at the first event that matches. */
const MOMENTS: Readonly<Record<string, (event: ProgressEvent, count: number) => boolean>> = {
  'while the cloud starts': (event) => event.kind === 'step' && event.id === 'network',
  'before anything is created': (event) => event.kind === 'step' && event.id === 'deploy',
  'with half of the bootstrap stack created': (event, count) => event.kind === 'resource' && count === 6,
  'with half of the deployment created': (event, count) => event.kind === 'resource' && count === 60,
  'while the machine is provisioned': (event) => event.kind === 'step' && event.id === 'serving',
};

/** The first one may have to prepare the machine image, from the package mirror, beside other tests. */
const TIMEOUT = 600_000;

describe('up, killed', { timeout: TIMEOUT }, () => {
  it.each(Object.entries(MOMENTS))('%s: the next down leaves nothing behind', async (_, isNow) => {
    const up = desk.start(['--cloud', 'rehearsal', 'up', '--json']);
    const ended = once(up, 'exit');
    let resources = 0;
    let killed = false;
    const lines: string[] = [];
    for await (const line of createInterface({ input: up.stderr })) {
      lines.push(line);
      if (!line.startsWith('{')) continue;
      const event = JSON.parse(line) as ProgressEvent;
      if (event.kind === 'resource') resources++;
      if (!killed && isNow(event, resources)) killed = up.kill('SIGKILL');
    }
    await ended;
    expect(killed, lines.join('\n')).toBe(true);

    const down = await desk.convoke(['--cloud', 'rehearsal', 'down']);
    expect(down.exitCode, String(down.stderr)).toBe(0);
    expect(down.stdout).toContain('Nothing left.');
    expect(leftOnThisMachine()).toEqual([]);
  });

  it('deploys again after that, and a second run changes nothing', async () => {
    const first = await desk.convoke(['--cloud', 'rehearsal', 'up', '--json']);
    expect(first.exitCode, `${first.stdout}\n${first.stderr}`).toBe(0);
    expect(JSON.parse(String(first.stdout))).toMatchObject({ changed: true, probes: [{ ok: true }] });
    const second = await desk.convoke(['--cloud', 'rehearsal', 'up', '--json']);
    expect(JSON.parse(String(second.stdout))).toMatchObject({ changed: false, probes: [{ ok: true }] });

    const status = await desk.convoke(['--cloud', 'rehearsal', 'status', '--json']);
    expect(status.exitCode).toBe(0);
    expect(JSON.parse(String(status.stdout))).toMatchObject({
      state: 'serving',
      machines: [{ target: 'healthy' }],
      images: [{ id: expect.stringMatching(/^ami-/), created: expect.any(String) }],
    });

    const down = await desk.convoke(['--cloud', 'rehearsal', 'down', '--now', '--json']);
    expect(JSON.parse(String(down.stdout))).toMatchObject({ existed: true, leftovers: [] });
    expect(leftOnThisMachine()).toEqual([]);
  });
});

describe('the daemon of a rehearsal, killed', { timeout: TIMEOUT }, () => {
  it('ends its child processes, and the next down leaves nothing behind', async () => {
    const up = desk.start(['--cloud', 'rehearsal', 'up', '--json']);
    const ended = once(up, 'exit');
    up.stderr.resume();
    const file = join(paths().run, 'cloud.json');
    await waitFor(() => existsSync(file), { interval: 50 });
    const { pid } = JSON.parse(readFileSync(file, 'utf8'));
    expect(childrenOf(pid)).toEqual(expect.arrayContaining(['apt-cacher-ng', 'dnsmasq', 'haproxy']));
    for (const one of [pid, up.pid]) process.kill(one, 'SIGKILL');
    await ended;
    // Containers keep running, because they are not its child processes.
    const daemons = /apt-cacher-ng|dnsmasq|haproxy -|fleet/;
    await waitFor(() => !leftOnThisMachine().some((command) => daemons.test(command)), { interval: 50 });

    const down = await desk.convoke(['--cloud', 'rehearsal', 'down']);
    expect(down.exitCode, String(down.stderr)).toBe(0);
    expect(leftOnThisMachine()).toEqual([]);
  });
});

/** Names of a process's child processes. */
function childrenOf(parent: number): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const status = readFileSync(`/proc/${pid}/status`, 'utf8');
        return Number(/^PPid:\s*(\d+)/m.exec(status)?.[1]) === parent
          ? [/^Name:\s*(.*)/m.exec(status)?.[1] ?? '']
          : [];
      } catch {
        return [];
      }
    });
}
