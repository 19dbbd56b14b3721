import { describe, expect, it } from 'vitest';
import type { Metadata } from '../../metadata.js';
import { terminationSignals } from './termination-signals.js';

/** A metadata service that has these paths; one whose value is an error fails. */
const metadata = (paths: Record<string, string | Error>): Metadata => {
  const readIfThere = async (path: string) => {
    const value = paths[path];
    if (value instanceof Error) throw value;
    return value;
  };
  return { readIfThere, read: async (path) => (await readIfThere(path)) ?? '' };
};
const signals = async (paths: Record<string, string | Error>) =>
  (await terminationSignals(metadata(paths)))();
const SPOT = { 'instance-life-cycle': 'spot' };
const LIFE = 'autoscaling/target-lifecycle-state';
const NOTICE = 'spot/instance-action';

describe('termination signals', () => {
  it.each([
    ['nobody', {}, { terminating: false, spotEnd: null }],
    ['nobody, in service', { [LIFE]: 'InService' }, { terminating: false }],
    ['Auto Scaling', { [LIFE]: 'Terminated' }, { terminating: true }],
    [
      'unknown',
      { [LIFE]: new Error('500'), ...SPOT, [NOTICE]: new Error('500') },
      { terminating: undefined, spotEnd: undefined },
    ],
    [
      'AWS',
      { ...SPOT, [NOTICE]: '{"action":"terminate","time":"2026-01-01T00:02:00Z"}' },
      { spotEnd: Date.UTC(2026, 0, 1, 0, 2) },
    ],
    ['AWS, in words that are new', { ...SPOT, [NOTICE]: 'soon' }, { spotEnd: undefined }],
    ['nobody, of an on-demand machine', { [NOTICE]: '{}' }, { spotEnd: null }],
  ])('of %s', async (_, paths, expected) => {
    expect(await signals(paths)).toMatchObject(expected);
  });
});
