import { alarmInWords } from '../../alerts/english.js';
import { isFailure } from '../../alerts/event.js';
import type { Activity } from '../../cloud/activities.js';
import type { SoFar } from '../../operations/report/so-far.js';
import { groupLabel } from '../../operations/roll/roll.js';
import type { Health, Lane, Span } from '../../page/status-view.js';

const HOUR_MS = 3_600_000;

/** What happened in an hour. */
export interface Hour {
  /** Of all groups, in any order. */
  readonly activities: readonly Activity[];
  readonly incidents: SoFar['incidents'];
  readonly deployment: string;
  /** The end of the hour. */
  readonly at: Date;
}

/**
 * The last hour as lanes: incidents first, then each machine that Auto Scaling launched or terminated, in order of
 * groups, so that a machine is next to its replacement. Drills and upgrades are visible as what they do to machines.
 */
export function lanesOf({ activities, incidents, deployment, at }: Hour): Lane[] {
  const end = at.getTime();
  const spanOf = span(end);
  const alarms = incidents
    .filter(({ to }) => !to || to.getTime() > end - HOUR_MS)
    .map((incident): Lane => {
      const name = alarmInWords(incident.alarm);
      const spans = [spanOf(incident.from, incident.to ?? at, 'ill', name)];
      return { id: `${incident.alarm} ${incident.from.getTime()}`, name, spans };
    });
  return [...alarms, ...machineLanes(activities, deployment, at, spanOf)];
}

type SpanOf = (from: Date, to: Date, health: Health, what: string) => Span;

const CHANGE = /^(Launching a new|Terminating) EC2 instance: (i-[0-9a-f]+)/;

function machineLanes(all: readonly Activity[], deployment: string, at: Date, spanOf: SpanOf): Lane[] {
  const since = at.getTime() - HOUR_MS;
  const found = new Map<string, { group: string; launch?: Activity; end?: Activity }>();
  for (const activity of all) {
    const [, change, id] = CHANGE.exec(activity.description) ?? [];
    if (!id) continue;
    const machine = { ...found.get(id), group: activity.group };
    found.set(id, { ...machine, [change === 'Terminating' ? 'end' : 'launch']: activity });
  }
  return [...found]
    .filter(([, { launch, end }]) => [launch, end].some((one) => one && (one.ended ?? at).getTime() > since))
    .sort(([, a], [, b]) => a.group.localeCompare(b.group) || begun(a) - begun(b))
    .map(([id, { group, launch, end }]) => ({
      id,
      name: `${groupLabel(deployment, group).replace(/^the (\w+)s$/, '$1')} ${id.slice(0, 7)}`,
      spans: [
        ...(launch ? [starts(launch, end?.at ?? at, spanOf)] : []),
        ...service(launch, end, at, spanOf),
        ...(end ? [leaves(end, at, spanOf)] : []),
      ].filter(({ from, to }) => to > from),
    }));
}

const begun = ({ launch, end }: { launch?: Activity; end?: Activity }) =>
  (launch?.at ?? end?.at ?? new Date(0)).getTime() - (launch ? 0 : HOUR_MS);

/** `until`: if it is under way. */
function starts({ at: from, ended, status }: Activity, until: Date, spanOf: SpanOf): Span {
  return status === 'Failed' || status === 'Cancelled'
    ? spanOf(from, ended ?? until, 'ill', 'did not start')
    : spanOf(from, ended ?? until, 'starting', 'starts');
}

/** In service between launch and termination; a machine whose launch failed never was. */
function service(launch: Activity | undefined, end: Activity | undefined, at: Date, spanOf: SpanOf): Span[] {
  if (launch && (!launch.ended || launch.status !== 'Successful')) return [];
  return [spanOf(launch?.ended ?? new Date(0), end?.at ?? at, 'good', 'in service')];
}

function leaves({ at: from, ended, cause }: Activity, at: Date, spanOf: SpanOf): Span {
  return isFailure(cause)
    ? spanOf(from, ended ?? at, 'ill', 'failed')
    : spanOf(from, ended ?? at, 'starting', 'is drained and terminated');
}

/** A span within the hour that ends then. */
const span =
  (end: number): SpanOf =>
  (from, to, health, what) => {
    const share = (time: Date) => Math.min(1, Math.max(0, (time.getTime() - end + HOUR_MS) / HOUR_MS));
    const clock = (time: Date) =>
      new Date(Math.max(time.getTime(), end - HOUR_MS)).toISOString().slice(11, 16);
    const title = `${what}, ${clock(from)} to ${to.getTime() >= end ? 'now' : clock(to)} UTC`;
    return { from: share(from), to: share(to), health, what, title };
  };
