import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { sampleState } from '../../test/sample-state.js';
import { Machines } from './machines.js';
import type { Resources } from './paths.js';
import type { Podman } from './podman.js';

const run = mkdtempSync(join(tmpdir(), 'convoke-machines-'));
afterAll(() => rmSync(run, { recursive: true }));

it('starts a machine without rewriting the files that others read while they boot', () => {
  const started: string[][] = [];
  const podman = {
    // The start does not continue after this.
    inside: (...args: string[]) => {
      started.push(args);
      return new Promise(() => {});
    },
  } as unknown as Podman;
  const machines = new Machines({ run, network: 'vpc' } as Resources, podman, 'image');
  const [instance] = sampleState().instances;
  if (!instance) throw new Error('the sample has no machine');
  const start = (id: string) => {
    machines.follow(sampleState({ instances: [{ ...instance, id, wanted: 'running', publicIp: null }] }));
    const args = started.at(-1) ?? [];
    expect(args).toContain(id);
    return args.filter((arg) => arg.endsWith(':ro')).map((arg) => arg.split(':')[0] ?? '');
  };
  const written = (files: readonly string[]) => files.map((file) => statSync(file, { bigint: true }).ctimeNs);

  const files = start('i-1');
  const before = written(files);
  expect(files).toHaveLength(3);
  expect(start('i-2')).toEqual(files);
  expect(written(files)).toEqual(before);
});
