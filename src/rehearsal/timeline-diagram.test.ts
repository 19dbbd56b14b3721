import { describe, expect, it } from 'vitest';
import { ticks, timelineDiagram } from './timeline-diagram.js';

describe('the diagram of a drill', () => {
  const svg = timelineDiagram({
    from: -10,
    to: 90,
    moments: [],
    lanes: [
      {
        name: 'room 1',
        spans: [
          { from: -10, to: 5, state: 'good' },
          { from: 5, to: 30, state: 'bad' },
        ],
      },
      { name: 'shard a <i-1>', spans: [{ from: 10, to: 10, state: 'changing' }] },
    ],
  });

  it('has a visible bar for each state', () => {
    expect(svg.match(/<rect class="(good|bad|changing)"/g)).toHaveLength(3);
    for (const [, width] of svg.matchAll(/width="([\d.]+)" height="16"/g))
      expect(Number(width)).toBeGreaterThanOrEqual(1.5);
  });

  it('escapes names', () => {
    expect(svg).toContain('shard a &lt;i-1&gt;');
  });

  it('has at most twelve labels with round seconds', () => {
    expect(ticks(-10, 90)).toEqual([-10, 0, 10, 20, 30, 40, 50, 60, 70, 80, 90]);
    expect(ticks(-3, 4)).toEqual([-3, -2, -1, 0, 1, 2, 3, 4]);
    expect(ticks(0, 900).length).toBeLessThanOrEqual(16);
  });
});
