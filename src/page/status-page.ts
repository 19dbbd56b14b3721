import { h, render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import plotStyle from 'uplot/dist/uPlot.min.css';
import { Charts } from './status-charts.js';
import { Incidents, Timeline } from './status-past.js';
import { STYLE } from './status-style.js';
import { type Live, type Node, zones } from './status-view.js';

/** The page of `status --web`: reads events from the command line, and draws each. */
function Page() {
  const [live, setLive] = useState<Live>();
  const [isLost, setLost] = useState(false);
  const [chosen, choose] = useState<string>();
  useEffect(() => {
    const source = new EventSource('live');
    source.onmessage = ({ data }) => {
      setLive(JSON.parse(data));
      setLost(false);
    };
    source.addEventListener('failed', ({ data }) => setLost(Boolean(data)));
    source.onerror = () => setLost(true);
    return () => source.close();
  }, []);
  if (!live) return h('main', null, h('p', { role: 'status' }, 'Reading the status …'));
  const node = live.nodes.find(({ id }) => id === chosen);
  return h(
    'main',
    { onKeyDown: (event: KeyboardEvent) => event.key === 'Escape' && choose(undefined) },
    h(
      'header',
      null,
      h('h1', null, live.domain),
      h('span', { class: `state ${live.health}`, role: 'status' }, live.state),
      h(
        'span',
        { class: isLost ? 'lost' : 'quiet', role: 'status' },
        isLost ? `Not refreshed since ${clock(live.at)}` : '',
      ),
    ),
    h(
      'ul',
      { class: 'figures' },
      live.figures.map(({ name, value }) => h('li', { key: name }, h('b', null, value), name)),
    ),
    live.notes.length > 0 &&
      h(
        'ul',
        { class: 'notes starting' },
        live.notes.map((note) => h('li', { key: note }, note)),
      ),
    h('h2', { id: 'map' }, 'Machines'),
    h(
      'div',
      { class: 'map', role: 'group', 'aria-labelledby': 'map', onKeyDown: moveFocus },
      zones(live.nodes).map(([zone, nodes]) => h(Zone, { key: zone, zone, nodes, chosen, choose })),
    ),
    h('div', { class: 'details', 'aria-live': 'polite' }, node && h(Details, { node })),
    h('h2', null, 'The last hour'),
    h(Charts, { history: live.history }),
    h(Timeline, { lanes: live.lanes, at: live.at }),
    h('h2', null, 'Incidents of the last day'),
    h(Incidents, { incidents: live.incidents }),
    h('h2', null, 'What Auto Scaling did'),
    h(
      'ol',
      { class: 'events' },
      live.events.map(({ at, text, failed }) =>
        h('li', { key: at + text, class: failed ? 'ill' : '' }, h('time', { dateTime: at }, clock(at)), text),
      ),
    ),
    live.events.length === 0 && h('p', { class: 'quiet' }, 'Nothing so far.'),
  );
}

interface ZoneProps {
  readonly zone: string;
  readonly nodes: readonly Node[];
  readonly chosen: string | undefined;
  readonly choose: (id: string | undefined) => void;
}

function Zone({ zone, nodes, chosen, choose }: ZoneProps) {
  return h(
    'section',
    { class: 'zone', 'aria-label': zone },
    h('h3', null, zone),
    h(
      'div',
      { class: 'nodes' },
      nodes.map(({ id, name, health, load }) =>
        h(
          'button',
          {
            key: id,
            type: 'button',
            class: health,
            'aria-pressed': id === chosen,
            onClick: () => choose(id === chosen ? undefined : id),
          },
          name,
          h('small', null, health === 'good' ? load : `${HEALTH[health]}: ${load}`),
        ),
      ),
    ),
  );
}

/** Colour is not the only sign. */
const HEALTH = { starting: 'starting or leaving', ill: 'not healthy' } as const;

const Details = ({ node }: { readonly node: Node }) =>
  h(
    'section',
    null,
    h('h2', null, `${node.name}, ${node.id}`),
    h(
      'dl',
      null,
      node.details.flatMap(([name, value]) => [
        h('dt', { key: name }, name),
        h('dd', { key: `${name} value` }, value),
      ]),
    ),
  );

/** Arrow keys move between machines. */
function moveFocus(event: KeyboardEvent) {
  const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (!by) return;
  const all = [...document.querySelectorAll<HTMLButtonElement>('.nodes button')];
  const next = all[all.indexOf(document.activeElement as HTMLButtonElement) + by];
  if (!next) return;
  event.preventDefault();
  next.focus();
}

const clock = (at: string) => new Date(at).toLocaleTimeString();

// A style sheet of the page's own needs no exception from its content security policy.
const sheet = new CSSStyleSheet();
sheet.replaceSync(plotStyle + STYLE);
document.adoptedStyleSheets = [sheet];
render(h(Page, null), document.body);
