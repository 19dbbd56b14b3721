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
  /** Whether Jicofo was a fake. If so, there are no measurements of media. */
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
 * Injects a fault while its own participants are in meetings, and measures what they notice. It ends when the
 * deployment has recovered, or after a timeout.
 *
 * Throws if it cannot start: nothing is deployed, nothing could take over, or meetings do not work.
 */
export function drill(options: DrillOptions): Promise<DrillResult> {
  return watched(options, (run) => {
    const against = objection(options.drill, run.machines.now);
    if (against && 'stop' in against) throw against.stop;
    // With a co-located bridge there is only one machine to break.
    const onBoard = !run.machines.now.some(({ role }) => role === 'bridge');
    const work = onBoard ? drillShard : DRILLED[options.drill];
    return work(run, options.fault ?? powerCut(options.account));
  });
}

/**
 * Does something to a deployment while it is observed. Participants leave in any case, even after an interruption; broken
 * machines are replaced by their groups.
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

/** What the user should know before confirming. */
export interface DrillForecast {
  /** The interruption that users would notice, a sentence; undefined if other machines take over. */
  readonly warning: string | undefined;
  /** Current participants, from the shards' metrics; undefined if there are none. */
  readonly people: number | undefined;
  readonly meetings: number | undefined;
}

/** Reads the state without injecting a fault. Throws like `drill` if it cannot start. */
export async function forecast(options: Omit<DrillOptions, 'fault'>): Promise<DrillForecast> {
  const run = await DrillRun.at(options);
  const against = objection(options.drill, run.machines.now);
  if (against && 'stop' in against) throw against.stop;
  const { people, meetings } = await latestMetrics(options.account, options.deployment);
  return { warning: against?.warn, people, meetings };
}

/** The main systemd unit of each role. */
const MAIN_UNIT: Readonly<Record<string, string>> = { shard: 'prosody', bridge: 'jitsi-videobridge2' };

/**
 * A process crash: the kernel closes the process's connections, and systemd restarts it. Throws `NoRemoteAccess` if
 * processes on machines cannot be reached.
 */
export function processKill({ faults }: Account): Fault {
  if (!faults) {
    throw new ConvokeError('NoRemoteAccess', {
      what: 'Processes cannot be killed on machines of this account.',
      why: 'convoke has no remote access to machines on AWS.',
      now: 'Use "--fault power-loss", or run the drill in a rehearsal: "convoke --cloud rehearsal drill".',
      fault: 'user',
    });
  }
  return {
    verb: 'kill the main process of',
    replaced: false,
    bring: async (machines) => {
      await Promise.all(machines.map(({ id, role }) => faults.killProcess(id, MAIN_UNIT[role] ?? role)));
    },
  };
}

/** A host failure: nothing is shut down, and the machines do not come back. */
export const powerCut = (account: Account): Fault => ({
  verb: 'cut the power of',
  replaced: true,
  bring: (machines) =>
    cutPower(
      account,
      machines.map(({ id }) => id),
    ),
});
