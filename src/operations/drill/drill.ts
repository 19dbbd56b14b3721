import type { Account } from '../../cloud/account.js';
import { cutPower } from '../../cloud/faults.js';
import { ConvokeError } from '../../contract/errors.js';
import { latestMetrics } from '../latest-metrics.js';
import { drillZone } from './availability-zone.js';
import { drillBridge } from './bridge.js';
import { drillDrain } from './drain.js';
import { DrillRun, type DrillRunOptions } from './drill-run.js';
import type { BrowserView } from './events.js';
import type { Measurement } from './measurements.js';
import type { Fault, Outcome } from './outcome.js';
import { type DrillName, objection } from './selection.js';
import { drillShard } from './shard.js';
import type { Timeline } from './timeline.js';

export interface DrillOptions extends DrillRunOptions {
  readonly drill: DrillName;
  /** How machines are broken. Default: their power is cut. `drain` breaks nothing. */
  readonly fault?: Fault;
}

export interface DrillResult {
  /** Whether every measurement is within its limit. */
  readonly ok: boolean;
  /** What was broken, in words. */
  readonly broke: string;
  readonly measurements: readonly Measurement[];
  readonly timeline: Timeline;
  /** Whether the focus was a fake: then nothing here is about media. */
  readonly usesFakes: boolean;
  /** What three browsers missed; only with real packages and an installed Chromium. */
  readonly browsers: readonly BrowserView[];
}

const DRILLED: Readonly<Record<DrillName, (run: DrillRun, fault: Fault) => Promise<Outcome>>> = {
  shard: drillShard,
  bridge: drillBridge,
  zone: drillZone,
  drain: drillDrain,
};

/**
 * Breaks something on purpose while participants of its own are in meetings, and tells what they noticed. It ends when
 * everything is as it was, or that has taken too long.
 *
 * Throws where it would not begin: nothing deployed, nothing that could take over, or no way into a meeting.
 */
export function drill(options: DrillOptions): Promise<DrillResult> {
  return watched(options, (run) => {
    const against = objection(options.drill, run.machines.now);
    if (against && 'stop' in against) throw against.stop;
    // With the co-located bridge there is one machine to break, whatever it is called.
    const onBoard = !run.machines.now.some(({ role }) => role === 'bridge');
    const work = onBoard ? drillShard : DRILLED[options.drill];
    return work(run, options.fault ?? powerCut(options.account));
  });
}

/**
 * Does something to a deployment while it is watched. The participants leave in any case, also when it is interrupted;
 * what is broken by then is replaced by its group.
 */
export async function watched(
  options: DrillRunOptions,
  work: (run: DrillRun) => Promise<Outcome>,
): Promise<DrillResult> {
  const run = await DrillRun.at(options);
  try {
    run.watch();
    const { broke, victims, elsewhere, measurements } = await work(run);
    return {
      ok: measurements.every(({ ok }) => ok),
      broke,
      measurements,
      timeline: run.timeline(victims, elsewhere),
      usesFakes: run.pool.usesFakes,
      browsers: run.pictures(),
    };
  } finally {
    await run.close();
  }
}

/** What a person should know before they say yes. */
export interface DrillForecast {
  /** What it would end, in a sentence; undefined where others take over. */
  readonly warning: string | undefined;
  /** In meetings at the moment, as the shards count; undefined where they said nothing. */
  readonly people: number | undefined;
  readonly meetings: number | undefined;
}

/** Looks without breaking anything. Throws as `drill` does where it would not begin. */
export async function forecast(options: Omit<DrillOptions, 'fault'>): Promise<DrillForecast> {
  const run = await DrillRun.at(options);
  const against = objection(options.drill, run.machines.now);
  if (against && 'stop' in against) throw against.stop;
  const { people, meetings } = await latestMetrics(options.account, options.deployment);
  return { warning: against?.warn, people, meetings };
}

/** The process that a machine is there for. */
const MAIN_UNIT: Readonly<Record<string, string>> = { shard: 'prosody', bridge: 'jitsi-videobridge2' };

/**
 * As a crash: the kernel closes what the process had open, and systemd starts it again. Throws `NoWayIn` where there is
 * no way to a machine's processes.
 */
export function processKill({ killProcess }: Account): Fault {
  if (!killProcess) {
    throw new ConvokeError('NoWayIn', {
      what: 'A process cannot be killed on a machine of this account.',
      why: 'Nothing on AWS opens a way to what runs on the machines, and convoke opens none.',
      now: 'Drill with "--fault power-loss", or kill the process in a rehearsal: "convoke --cloud rehearsal drill".',
      fault: 'person',
    });
  }
  return {
    verb: 'kill the main process of',
    replaced: false,
    bring: async (machines) => {
      await Promise.all(machines.map(({ id, role }) => killProcess(id, MAIN_UNIT[role] ?? role)));
    },
  };
}

/** As a failing host: nothing is shut down, and the machines do not come back. */
export const powerCut = (account: Account): Fault => ({
  verb: 'cut the power of',
  replaced: true,
  bring: (machines) =>
    cutPower(
      account,
      machines.map(({ id }) => id),
    ),
});
