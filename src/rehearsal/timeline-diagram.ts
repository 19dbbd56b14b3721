import { Eta } from 'eta';
import type { Lane, Timeline } from '../operations/drill/timeline.js';

/** Width of the labels on the left. */
const LEFT = 190;
const WIDTH = 960;
const LANE = 26;
const TOP = 34;

/**
 * A drill as a diagram: a bar per room and machine over time, and a line for the fault. The page defines the colours.
 */
export function timelineDiagram({ lanes, from, to }: Timeline): string {
  const span = Math.max(to - from, 1);
  const x = (seconds: number) => LEFT + ((WIDTH - LEFT - 16) * (seconds - from)) / span;
  const bottom = TOP + lanes.length * LANE;
  return new Eta({ autoTrim: false }).renderString(PICTURE, {
    width: WIDTH,
    height: bottom + 30,
    bottom,
    broken: round(x(0)),
    lanes: lanes.map((lane, index) => ({
      name: lane.name,
      y: TOP + index * LANE,
      bars: bars(lane, x),
    })),
    ticks: ticks(from, to).map((seconds) => ({ seconds, x: round(x(seconds)) })),
  });
}

function bars({ spans }: Lane, x: (seconds: number) => number) {
  return spans.map(({ from, to, state }) => ({
    x: round(x(from)),
    // Minimum width, so that short states stay visible.
    width: round(Math.max(1.5, x(to) - x(from))),
    state,
    title: `${state}, ${from.toFixed(1)} to ${to.toFixed(1)} s`,
  }));
}

/** Round seconds, with six to twelve labels. */
export function ticks(from: number, to: number): number[] {
  const steps = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600];
  const step = steps.find((one) => (to - from) / one <= 12) ?? 600;
  const first = Math.ceil(from / step);
  return Array.from({ length: Math.floor(to / step) - first + 1 }, (_, index) => (first + index) * step);
}

const round = (value: number) => Math.round(value * 10) / 10;

const PICTURE = `<svg class="timeline" viewBox="0 0 <%= it.width %> <%= it.height %>" font-family="system-ui, sans-serif" font-size="13" role="img" aria-label="What could be used when, by the seconds after the break">
<% for (const tick of it.ticks) { %><path class="grid" d="M<%= tick.x %> 26 V<%= it.bottom %>"/><text class="axis" x="<%= tick.x %>" y="<%= it.bottom + 18 %>" text-anchor="middle"><%= tick.seconds %> s</text>
<% } %><% for (const lane of it.lanes) { %><text class="lane" x="178" y="<%= lane.y + 16 %>" text-anchor="end"><%= lane.name %></text>
<% for (const bar of lane.bars) { %><rect class="<%= bar.state %>" x="<%= bar.x %>" y="<%= lane.y + 4 %>" width="<%= bar.width %>" height="16" rx="2"><title><%= bar.title %></title></rect>
<% } %><% } %><path class="break" d="M<%= it.broken %> 20 V<%= it.bottom %>"/><text class="break-word" x="<%= it.broken %>" y="14" text-anchor="middle">broken</text>
</svg>
`;
