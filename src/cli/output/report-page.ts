import { alarmInWords } from '../../alerts/english.js';
import type { Report } from '../../operations/report/report.js';
import { atLeast, dollars } from './money.js';
import { COLUMNS, lasted, minute, NOTES, number } from './report-words.js';

/** A report as one page, without scripts and without anything from elsewhere. */
export function page(found: Report): string {
  const { domain, from, to, total, incidents, failed, money, days, gaps } = found;
  const title = `${domain}: ${minute(from).slice(0, 10)} to ${minute(to).slice(0, 10)}`;
  const noticed = total.noticedMinutes > 0 ? `, noticed for ${lasted(total.noticedMinutes)}` : '';
  const tiles: readonly (readonly [string, string])[] = [
    [number(total.personHours), 'person-hours in meetings'],
    [number(total.mostPeople), 'people at a time, at most'],
    [number(total.mostMeetings), 'meetings at a time, at most'],
    [incidents.length === 0 ? 'none' : String(incidents.length), `incidents${noticed}`],
    [`${number(total.sentGb)} GB`, 'sent by machines'],
    [atLeast(money), 'cost without tax'],
  ];
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text(title)}</title>
<style>${STYLE}</style>
<main>
<h1>${text(domain)}</h1>
<p class="quiet">${minute(from)} to ${minute(to)} UTC</p>
<ul class="tiles">${tiles.map(([value, name]) => `<li><b>${text(value)}</b><span>${text(name)}</span></li>`).join('')}</ul>
<h2>Person-hours a day</h2>
${bars(days.map(({ day, personHours }) => ({ name: day, value: personHours })))}
<h2>Most people at a time</h2>
${bars(days.map(({ day, mostPeople }) => ({ name: day, value: mostPeople })))}
<h2>Incidents</h2>
${
  incidents.length === 0
    ? '<p>No alarm was raised.</p>'
    : table(
        ['From, UTC', 'To', 'Lasted', 'Incident'],
        incidents.map((one) => [
          minute(one.from),
          one.to ? minute(one.to) : 'goes on',
          lasted(one.minutes),
          alarmInWords(one.alarm),
        ]),
      )
}
${
  failed.length === 0
    ? ''
    : `<h2>Machines that failed and were replaced</h2>
${table(
  ['When, UTC', 'Machine', 'Group'],
  failed.map(({ at, machine, group }) => [minute(at), machine, group]),
)}`
}
<h2>Cost, US dollars without tax</h2>
${table(
  ['Item', 'Amount'],
  [
    ...money.items.map(({ name, usd }) => [name, usd === undefined ? 'unknown' : dollars(usd)]),
    ['all', atLeast(money)],
  ],
)}
<h2>Days</h2>
${table(
  ['Day, UTC', ...COLUMNS.map(([name]) => name)],
  [...days.map((day) => [day.day, ...COLUMNS.map(([, key]) => number(day[key]))])],
)}
${[...NOTES, ...gaps].map((note) => `<p class="quiet">${text(note)}</p>`).join('\n')}
</main>
</html>
`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (row: readonly string[], tag: string) =>
    row.map((cell) => `<${tag}${tag === 'th' ? ' scope="col"' : ''}>${text(cell)}</${tag}>`).join('');
  return `<div class="wide"><table><thead><tr>${cells(head, 'th')}</tr></thead>
<tbody>${rows.map((row) => `<tr>${cells(row, 'td')}</tr>`).join('\n')}</tbody></table></div>`;
}

/** Height of a chart, in its own units. */
const HIGH = 160;
const WIDE = 900;

/** A bar for each day. The values are in the table of days, too, for readers who see no chart. */
function bars(all: readonly { readonly name: string; readonly value: number }[]): string {
  const most = Math.max(0, ...all.map(({ value }) => value));
  const step = WIDE / Math.max(1, all.length);
  const drawn = all.map(({ name, value }, index) => {
    const height = most === 0 ? 0 : (value / most) * HIGH;
    const [x, width] = [index * step + step * 0.1, step * 0.8];
    return `<rect x="${x.toFixed(1)}" y="${(HIGH - height).toFixed(1)}" width="${width.toFixed(1)}" height="${height.toFixed(1)}"><title>${text(name)}: ${number(value)}</title></rect>`;
  });
  const [first, last] = [all[0]?.name ?? '', all.at(-1)?.name ?? ''];
  return `<figure><svg viewBox="0 0 ${WIDE} ${HIGH}" role="img" aria-label="${text(first)} to ${text(last)}, at most ${number(most)}">${drawn.join('')}<line x1="0" y1="${HIGH}" x2="${WIDE}" y2="${HIGH}"/></svg>
<figcaption><span>${text(first)}</span><span>at most ${number(most)}</span><span>${text(last)}</span></figcaption></figure>`;
}

const text = (plain: string): string => plain.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

const STYLE = `
:root { color-scheme: light dark; --ink: #1c2430; --quiet: #5a6675; --ground: #fff; --line: #d9dee5; --bar: #1f6feb; --tile: #f4f6f9; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaf0; --quiet: #9aa7b8; --ground: #12161c; --line: #2d3642; --bar: #6ea8fe; --tile: #1b212a; } }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem; }
h1 { margin: 0; font-size: 1.7rem; overflow-wrap: anywhere; } h2 { margin: 2rem 0 .5rem; font-size: 1.15rem; }
.quiet { color: var(--quiet); margin: .3rem 0; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(17rem, 45%), 1fr)); gap: .75rem; padding: 0; list-style: none; }
.tiles li { background: var(--tile); border-radius: .5rem; padding: .75rem 1rem; }
.tiles b { display: block; font-size: 1.35rem; } .tiles span { color: var(--quiet); font-size: .9rem; }
figure { margin: 0; } svg { width: 100%; height: auto; display: block; } rect { fill: var(--bar); } line { stroke: var(--line); }
figcaption { display: flex; justify-content: space-between; color: var(--quiet); font-size: .85rem; }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { font-weight: 600; font-size: .9rem; }
@media print { main { max-width: none; } }
`;
