import { expect, it } from 'vitest';
import { availableMemory, freeResources } from './free-resources.js';

it('reads how much memory is available from what the kernel says', () => {
  expect(
    availableMemory(
      'MemTotal:        3923456 kB\nMemFree:          100000 kB\nMemAvailable:     204800 kB\n',
    ),
  ).toBe(200);
  expect(availableMemory('MemTotal:        3923456 kB\n')).toBeUndefined();
});

it('reads the free resources of this machine', async () => {
  const { disk, memory } = await freeResources();
  expect(disk).toBeGreaterThan(0);
  expect(memory).toBeGreaterThan(0);
});
