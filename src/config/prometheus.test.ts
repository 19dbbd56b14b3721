import { describe, expect, it } from 'vitest';
import { parseDeployment } from './load.js';

const from = (range: string) => () =>
  parseDeployment(
    `domain: meet.example.org\nregion: eu-central-1\nalerts: ops@example.org\nprometheus: {from: {monitoring: ${range}}}\n`,
    'convoke.yaml',
  ).prometheus;

describe('Prometheus', () => {
  it('reads metrics from ranges of private addresses', () => {
    expect(from('10.20.1.0/24')()).toEqual({ from: [{ name: 'monitoring', range: '10.20.1.0/24' }] });
    for (const range of ['172.31.0.0/16', '192.168.7.9/32', '100.64.0.0/10'])
      expect(from(range)).not.toThrow();
  });

  it.each(['203.0.113.0/24', '0.0.0.0/0', '10.0.0.0/7', '172.32.0.0/16', '100.128.0.0/10', 'fd00::/8'])(
    'does not read them from %s',
    (range) => {
      expect(() => from(range)()).toThrow(
        expect.objectContaining({ why: expect.stringContaining('is not a range of private addresses') }),
      );
    },
  );
});
