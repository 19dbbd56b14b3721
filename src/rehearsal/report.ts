import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Eta } from 'eta';
import type { DrillResult } from '../operations/drill/drill.js';
import { type Measurement, withUnit } from '../operations/drill/measurements.js';
import type { Moment } from '../operations/drill/timeline.js';
import type { BrowsersResult } from '../operations/probe/browsers.js';
import type { ProbeResult } from '../operations/probe/meeting.js';
import { timelineDiagram } from './timeline-diagram.js';

/** One step of a rehearsal and its result. */
export interface ReportStep {
  readonly name: string;
  readonly seconds: number;
  readonly ok: boolean;
  readonly detail: string;
}

/** One scenario: the fault, its effect on participants, and whether that is within the limits. */
export interface ReportScenario extends Omit<DrillResult, 'usesFakes'> {
  readonly name: string;
  readonly title: string;
}

export interface ReportMail {
  readonly to: string;
  readonly subject: string;
  readonly body: string;
}

/** The content of `report.json`. */
export interface Report {
  readonly started: string;
  readonly domain: string;
  readonly size: string;
  /** `machines`: real ones on this host. `control plane only`: simulated machines, without participants. */
  readonly cloud: 'machines' | 'control plane only';
  /** `fakes`: there was no media. */
  readonly media: 'real' | 'fakes' | 'none';
  /** False in the reports that are written while the rehearsal runs, one after each step. */
  readonly complete: boolean;
  /** Whether the rehearsal is complete and nothing failed. */
  readonly ok: boolean;
  readonly seconds: number;
  readonly steps: readonly ReportStep[];
  readonly probes: readonly ProbeResult[];
  /** Media statistics of browsers; only with real packages. */
  readonly browsers: readonly BrowsersResult[];
  /** Timeline of the killed machine; only at size solo. */
  readonly timeline: readonly Moment[];
  readonly scenarios: readonly ReportScenario[];
  readonly mails: readonly ReportMail[];
  /** What was left after the end, in the cloud or on this machine. */
  readonly leftovers: readonly string[];
  /** The architecture, as SVG. */
  readonly picture: string;
}

/** Writes `report.json` and `index.html` into a folder, each atomically. */
export function writeReport(folder: string, report: Report): void {
  mkdirSync(folder, { recursive: true });
  const { picture, ...data } = report;
  for (const [name, text] of [
    ['report.json', `${JSON.stringify(data, null, 2)}\n`],
    ['architecture.svg', picture],
    ['index.html', page(report)],
  ] as const) {
    const part = join(folder, `.${name}.part`);
    writeFileSync(part, text);
    renameSync(part, join(folder, name));
  }
}

/** The report as a self-contained page without scripts. */
export function page(report: Report): string {
  const longest = Math.max(...report.steps.map(({ seconds }) => seconds), 1);
  return new Eta().renderString(PAGE, {
    ...report,
    took: (seconds: number) => (seconds < 10 ? `${seconds.toFixed(1)} s` : `${Math.round(seconds)} s`),
    drawing: timelineDiagram,
    amount: ({ value, unit }: Measurement) =>
      value === undefined ? 'never' : unit === 's' ? `${value.toFixed(1)} s` : withUnit(value, unit),
    width: (seconds: number) => Math.max(0.5, (100 * seconds) / longest).toFixed(1),
  });
}

const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Rehearsal of <%= it.domain %></title>
<style>
  :root { color-scheme: light dark; --ink: #1c2733; --soft: #5b6b7b; --line: #d5dde6; --page: #fff; --bar: #47698f; --good: #2f7d55; --bad: #b4453a; --note: #fff6e0; --warn: #d9a520 }
  @media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9fb0c0; --line: #33414f; --page: #12181f; --bar: #7aa5d6; --good: #63c08f; --bad: #ef8276; --note: #3a3118; --warn: #d1a83c } }
  body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page); max-width: 62rem; margin: 2rem auto; padding: 0 1rem }
  h1 { font-size: 1.6rem; margin: 0 } h2 { font-size: 1.15rem; margin: 2.2rem 0 .6rem }
  .verdict { font-weight: 600 } .good { color: var(--good) } .bad { color: var(--bad) } .soft { color: var(--soft) }
  .note { background: var(--note); padding: .6rem .9rem; border-radius: 6px }
  table { border-collapse: collapse; width: 100% } td, th { text-align: left; padding: .35rem .8rem .35rem 0; border-bottom: 1px solid var(--line); vertical-align: top }
  td.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums } .bar { background: var(--bar); height: .55rem; border-radius: 3px; margin-top: .5rem }
  pre { white-space: pre-wrap; border: 1px solid var(--line); border-radius: 6px; padding: .8rem; font: inherit; margin: .4rem 0 } svg { max-width: 100%; height: auto; border-radius: 8px }
  .timeline text { fill: var(--ink) } .timeline .axis { fill: var(--soft) } .timeline .grid { stroke: var(--line) } .timeline .break { stroke: var(--bad); stroke-width: 2 } .timeline .break-word { fill: var(--bad); font-weight: 600 }
  .timeline .good { fill: var(--good) } .timeline .bad { fill: var(--bad) } .timeline .changing { fill: var(--warn) } .timeline .away { fill: var(--line) }
  .key { display: inline-block; width: .8rem; height: .8rem; border-radius: 2px; margin: 0 .3rem 0 .9rem; vertical-align: -1px } details { margin: .6rem 0 } summary { cursor: pointer }
</style>
<h1>Rehearsal of https://<%= it.domain %>/</h1>
<p class="soft"><%= it.started %>, size <%= it.size %>, <%= it.took(it.seconds) %> in all</p>
<% if (it.complete) { %><p class="verdict <%= it.ok ? 'good' : 'bad' %>"><%= it.ok ? '✓ Everything went as it should, and nothing is left.' : '✗ Something went wrong; the steps below say what.' %></p>
<% } else { %><p class="verdict">… The rehearsal is running, or was interrupted after the last step below.</p><% } %>
<% if (it.media === 'fakes') { %><p class="note">Videobridge, Jicofo and the web client were <b>fakes</b>: they hold the same ports and speak the same signalling, but carry no media. Nothing here says anything about sound or picture.</p><% } %>
<% if (it.cloud !== 'machines') { %><p class="note">Only the control plane was rehearsed: the machines were simulated, and nobody joined a meeting.</p><% } %>
<h2>Steps</h2>
<table>
<% it.steps.forEach((step) => { %>
<tr><td class="<%= step.ok ? 'good' : 'bad' %>"><%= step.ok ? '✓' : '✗' %></td><td><%= step.name %><% if (step.detail) { %><br><span class="soft"><%= step.detail %></span><% } %></td>
<td style="width: 34%"><div class="bar" style="width: <%= it.width(step.seconds) %>%"></div></td><td class="number"><%= it.took(step.seconds) %></td></tr>
<% }) %>
</table>
<% it.scenarios.forEach((scenario) => { %>
<h2><span class="<%= scenario.ok ? 'good' : 'bad' %>"><%= scenario.ok ? '✓' : '✗' %></span> <%= scenario.title %></h2>
<p><%= scenario.broke.charAt(0).toUpperCase() + scenario.broke.slice(1) %>.</p>
<%~ it.drawing(scenario.timeline) %>
<p class="soft"><span class="key" style="background: var(--good); margin-left: 0"></span>usable, in service<span class="key" style="background: var(--bad)"></span>not usable<span class="key" style="background: var(--warn)"></span>on its way in or out<span class="key" style="background: var(--line)"></span>gone</p>
<table><% scenario.measurements.forEach((measurement) => { %><tr><td class="<%= measurement.ok ? 'good' : 'bad' %>"><%= measurement.ok ? '✓' : '✗' %></td><td><%= measurement.name %></td><td class="number"><%= it.amount(measurement) %></td>
<td class="soft number"><%= measurement.limit === undefined ? '' : 'at most ' + measurement.limit + (measurement.unit && ' ' + measurement.unit) %></td></tr><% }) %></table>
<details><summary>What happened when</summary>
<table><% scenario.timeline.moments.forEach((moment) => { %><tr><td class="number"><%= moment.at.toFixed(1) %> s</td><td><%= moment.what %></td></tr><% }) %></table></details>
<% }) %>
<% if (it.timeline.length) { %><h2>The machine that was killed</h2>
<table><% it.timeline.forEach((moment) => { %><tr><td class="number"><%= moment.at.toFixed(1) %> s</td><td><%= moment.what %></td></tr><% }) %></table><% } %>
<% it.probes.forEach((probe, index) => { %>
<h2>Participant <%= index + 1 %> <span class="soft"><%= probe.shard ? 'on shard ' + probe.shard : '' %></span></h2>
<table><% probe.steps.forEach((step) => { %><tr><td class="<%= step.ok ? 'good' : 'bad' %>"><%= step.ok ? '✓' : '✗' %></td><td><%= step.name %> <span class="soft"><%= step.detail %></span></td><td class="number"><%= step.seconds.toFixed(2) %> s</td></tr><% }) %></table>
<% }) %>
<% it.browsers.forEach((browsers) => { %><h2>Browsers</h2>
<table><tr><th></th><th>in the room after</th><th>first picture after</th><th>videos decoded</th><th>hears</th><th>shared screen</th><th>chat</th><th>side channel</th></tr>
<% browsers.participants.forEach((one) => { %><tr><td><%= one.name %></td><td><%= it.took(one.joined) %></td><td><%= one.firstFrame === undefined ? '–' : it.took(one.firstFrame) %></td>
<td><% one.videos.forEach((video) => { %><%= video.width %>×<%= video.height %>, <%= video.rate.toFixed(0) %> frames a second<br><% }) %></td><td><%= one.heard %></td><td><%= one.screen === undefined ? '–' : one.screen ? 'seen' : 'not seen' %></td><td><%= one.message === undefined ? '–' : one.message ? 'read' : 'not read' %></td><td><%= one.dataChannel ? 'open' : 'closed' %></td></tr><% }) %></table><% }) %>
<% if (it.mails.length) { %><h2>Mail</h2><% it.mails.forEach((mail) => { %><pre><b><%= mail.subject %></b> <span class="soft">to <%= mail.to %></span>
<%= mail.body %></pre><% }) %><% } %>
<h2>Left behind</h2>
<% if (!it.complete) { %><p>Not yet checked.</p><% } else if (it.leftovers.length) { %><ul class="bad"><% it.leftovers.forEach((left) => { %><li><%= left %></li><% }) %></ul><% } else { %><p>Nothing, in the cloud or on this machine.</p><% } %>
<h2>Architecture</h2>
<%~ it.picture %>
</html>
`;
