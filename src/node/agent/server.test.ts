import { describe, expect, it } from 'vitest';
import { answer, type State } from './server.js';

const verdict = (healthy: boolean) => ({ healthy, reason: 'because.' });
const state = (edge: boolean, shard: boolean, machine: boolean): State => ({
  at: '2026-01-01T00:00:00.000Z',
  health: { edge: verdict(edge), shard: verdict(shard), machine: verdict(machine) },
  metrics: [],
  seen: {},
});

describe('answer', () => {
  it.each([
    ['/health', 503],
    ['/health/edge', 200],
    ['/health/shard?x=1', 503],
    ['/health/machine', 200],
    ['/health/colour', 404],
    ['/', 404],
  ])('to %s has status %i while only the shard is unhealthy', (url, status) => {
    expect(answer(url, state(true, false, true)).status).toBe(status);
  });

  it('returns the verdict with its reason', () => {
    expect(answer('/health/edge', state(true, true, true)).body).toEqual(verdict(true));
  });

  it('is 503 before the first check', () => {
    expect(answer('/health/edge', undefined).status).toBe(503);
  });
});
