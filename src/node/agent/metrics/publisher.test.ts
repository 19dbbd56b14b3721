import { expect, it } from 'vitest';
import type { Bridge } from '../observation.js';
import type { MetricValue } from './metrics.js';
import { publisher } from './publisher.js';

it('publishes failures of a round that could not be published with the next one, and each once', async () => {
  const sent: MetricValue[][] = [];
  let isDown = false;
  const publish = publisher({
    async publish(metrics) {
      if (isDown) throw new Error('no network');
      sent.push([...metrics]);
    },
  });
  const bridge = (iceFailed: number): Bridge => ({
    healthy: true,
    statistics: { stress: 0, participants: 1, draining: false, breweries: 1, iceFailed },
  });
  await publish([], bridge(3));
  isDown = true;
  await expect(publish([], bridge(5))).rejects.toThrow('no network');
  isDown = false;
  await publish([], bridge(6));
  await publish([], bridge(6));
  expect(sent.map(([first]) => first?.value)).toEqual([undefined, 3, undefined]);
});
