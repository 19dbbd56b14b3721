import { h } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import UPlot from 'uplot';
import type { LastHour } from './status-view.js';

interface Line {
  readonly name: string;
  readonly values: readonly (number | null)[];
  /** A colour of the style sheet. */
  readonly colour: string;
}

interface ChartProps {
  readonly title: string;
  readonly at: readonly number[];
  readonly lines: readonly Line[];
  /** The end of the scale; default: what the values need. */
  readonly most?: number;
}

const HEIGHT = 200;

const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function options({ lines, most }: ChartProps, width: number): UPlot.Options {
  const axis = { stroke: colour('--quiet'), grid: { stroke: colour('--line'), width: 1 } };
  return {
    width,
    height: HEIGHT,
    scales: { y: { range: (_, __, highest) => [0, most ?? Math.max(1, highest * 1.1)] } },
    axes: [axis, { ...axis, size: 60 }],
    series: [
      { label: 'time' },
      ...lines.map(({ name, colour: stroke }) => ({ label: name, stroke: colour(stroke), width: 2 })),
    ],
  };
}

/** A plot of some values over the last hour. It is redrawn when its values, the width or the colours change. */
function Chart(props: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot | undefined>(undefined);
  const data = [props.at, ...props.lines.map(({ values }) => values)] as UPlot.AlignedData;
  const latest = useRef(data);
  latest.current = data;
  useEffect(() => {
    const at = place.current;
    if (!at) return;
    const draw = () => {
      plot.current?.destroy();
      plot.current = new UPlot(options(props, at.clientWidth), latest.current, at);
    };
    draw();
    const resized = new ResizeObserver(() =>
      plot.current?.setSize({ width: at.clientWidth, height: HEIGHT }),
    );
    resized.observe(at);
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', draw);
    return () => {
      resized.disconnect();
      scheme.removeEventListener('change', draw);
      plot.current?.destroy();
    };
  }, []);
  useEffect(() => plot.current?.setData(data), [JSON.stringify(data)]);
  const last = props.lines
    .map(({ name, values }) => `${name} ${values.findLast((value) => value !== null) ?? 'unknown'}`)
    .join(', ');
  return h(
    'section',
    null,
    h('h3', null, props.title),
    h('div', { ref: place, role: 'img', 'aria-label': `${props.title}, the last hour. Now: ${last}` }),
  );
}

export const Charts = ({ history }: { readonly history: LastHour }) =>
  h(
    'div',
    { class: 'charts' },
    h(Chart, {
      title: 'People and meetings',
      at: history.at,
      lines: [
        { name: 'people', values: history.people, colour: '--first' },
        { name: 'meetings', values: history.meetings, colour: '--second' },
      ],
    }),
    h(Chart, {
      title: 'Stress of the bridges',
      at: history.at,
      most: 1,
      lines: [
        { name: 'average', values: history.stress, colour: '--first' },
        { name: 'highest', values: history.highestStress, colour: '--second' },
      ],
    }),
  );
