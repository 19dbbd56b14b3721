import { h } from 'preact';
import type { Health, Incident, Lane } from './status-view.js';

/** Heights differ, too: colour is not the only sign. Percent. */
const HEIGHTS: Readonly<Record<Health, number>> = { good: 34, starting: 67, ill: 100 };

const LEGEND: readonly (readonly [health: Health, text: string])[] = [
  ['good', 'in service'],
  ['starting', 'starting or leaving'],
  ['ill', 'failed, or an incident'],
];

const ago = (at: string, share: number) =>
  new Date(new Date(at).getTime() - (1 - share) * 3_600_000).toLocaleTimeString([], {
    hour: '2-digit',
    minute: '2-digit',
  });

/** Incidents, and machines that came or went, in the last hour. A drill or an upgrade is seen as what it does to them. */
export const Timeline = ({ lanes, at }: { readonly lanes: readonly Lane[]; readonly at: string }) =>
  h(
    'section',
    { class: 'timeline', 'aria-labelledby': 'timeline' },
    h('h3', { id: 'timeline' }, 'Failures, drills and upgrades'),
    lanes.length === 0
      ? h('p', { class: 'quiet' }, 'No machine came or went.')
      : [
          h(
            'ul',
            { class: 'legend', 'aria-hidden': 'true' },
            LEGEND.map(([health, text]) => h('li', { key: health }, h(Bar, { health }), text)),
          ),
          h(
            'ol',
            null,
            lanes.map((lane) => h(Row, { key: lane.id, lane })),
          ),
          h(
            'div',
            { class: 'axis', 'aria-hidden': 'true' },
            [0, 0.5, 1].map((share) => h('span', { key: share }, ago(at, share))),
          ),
        ],
  );

const Bar = ({ health }: { readonly health: Health }) =>
  h('svg', { class: health }, h('rect', { width: '100%', ...vertical(health) }));

const vertical = (health: Health) => ({
  y: `${(100 - HEIGHTS[health]) / 2}%`,
  height: `${HEIGHTS[health]}%`,
});

const Row = ({ lane: { name, spans } }: { readonly lane: Lane }) =>
  h(
    'li',
    null,
    h('span', null, name),
    h(
      'svg',
      { role: 'img', 'aria-label': spans.map(({ title }) => title).join('; ') },
      spans.map(({ from, to, health, title }) =>
        h(
          'rect',
          {
            key: title,
            class: health,
            x: `${from * 100}%`,
            // So that short states stay visible.
            width: `${Math.max(0.6, (to - from) * 100)}%`,
            ...vertical(health),
          },
          h('title', null, title),
        ),
      ),
    ),
  );

/** Unset: not read yet. */
export function Incidents({ incidents }: { readonly incidents: readonly Incident[] | undefined }) {
  if (!incidents) return h('p', { class: 'quiet' }, 'Not known yet.');
  if (incidents.length === 0) return h('p', { class: 'quiet' }, 'None.');
  return h(
    'ol',
    { class: 'events' },
    incidents.map(({ at, text, lasted, goesOn }) =>
      h(
        'li',
        { key: at + text, class: goesOn ? 'ill' : '' },
        h(
          'time',
          { dateTime: at },
          new Date(at).toLocaleString([], { dateStyle: 'short', timeStyle: 'short' }),
        ),
        text,
        lasted !== '–' && h('span', { class: 'quiet' }, ` (${lasted})`),
      ),
    ),
  );
}
