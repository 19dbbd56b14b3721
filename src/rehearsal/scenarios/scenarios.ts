import type { Size } from '../../config/deployment.js';
import { ConvokeError } from '../../contract/errors.js';
import type { DrillResult } from '../../operations/drill/drill.js';
import { bridgesGone } from './bridges-gone.js';
import type { ScenarioContext, ScenarioLog } from './context.js';
import { runDrill, runKill, shardReturns } from './drills.js';
import { machineImage } from './machine-image.js';
import { randomFaults } from './random-faults.js';
import { recording } from './recording.js';
import { scale } from './scale.js';
import { upgradeUnderWay } from './upgrade.js';

export type ScenarioName = keyof typeof SCENARIOS;

/** The scenarios for a deployment of several machines; each starts from a healthy deployment. */
const SCENARIOS = {
  shard: { title: 'A shard loses its power', scenario: runDrill('shard') },
  'shard-process': { title: 'A shard’s Prosody is killed', scenario: runKill('shard') },
  'shard-returns': { title: 'A shard is lost and returns, with two hundred rooms', scenario: shardReturns },
  bridge: { title: 'A bridge with a call loses its power', scenario: runDrill('bridge') },
  'bridge-process': { title: 'A bridge’s process is killed', scenario: runKill('bridge') },
  'bridges-gone': { title: 'All bridges lose their power', scenario: bridgesGone },
  zone: { title: 'A zone loses its power', scenario: runDrill('zone') },
  drain: { title: 'A bridge with a call is drained', scenario: runDrill('drain') },
  scale: { title: 'Bridges come and go with the load', scenario: scale },
  image: { title: 'Machines start from an image with everything installed', scenario: machineImage },
  recording: { title: 'A meeting is recorded, and its recorder fails', scenario: recording },
  'random-faults': {
    title: 'Faults and planned changes in random order: one mail for each failure',
    scenario: randomFaults,
  },
  upgrade: { title: 'All machines get another release during meetings', scenario: upgradeUnderWay },
} satisfies {
  [name: string]: { title: string; scenario: (context: ScenarioContext) => Promise<DrillResult> };
};

/** The default scenarios: at size solo only `runSolo`. */
export const DEFAULT_SCENARIOS: Readonly<{ [size in Size]: readonly ScenarioName[] }> = {
  solo: [],
  team: ['shard', 'bridge', 'drain'],
  fleet: ['shard', 'bridge', 'zone', 'drain'],
};

export const SCENARIO_NAMES = Object.keys(SCENARIOS) as readonly ScenarioName[];

export const isScenario = (name: string): name is ScenarioName => Object.hasOwn(SCENARIOS, name);

/** Runs scenarios one after another. A failed one does not stop the next; the first failure is thrown at the end. */
export async function runScenarios(
  context: ScenarioContext,
  record: ScenarioLog,
  names: readonly ScenarioName[],
): Promise<void> {
  let failure: unknown;
  for (const name of names) {
    context.signal.throwIfAborted();
    await playOne(context, record, name).catch((error: unknown) => {
      failure ??= error;
    });
  }
  if (failure !== undefined) throw failure;
}

async function playOne(context: ScenarioContext, record: ScenarioLog, name: ScenarioName): Promise<void> {
  const { title, scenario: perform } = SCENARIOS[name];
  await record.step(name, title, async (note) => {
    const { usesFakes, ...result } = await perform(context);
    record.scenarios.push({ name, title, ...result });
    record.usesFakes ||= usesFakes;
    const missed = result.measurements.filter(({ ok }) => !ok);
    if (missed.length > 0) {
      throw new ConvokeError('ScenarioFailed', {
        what: `${title}: ${missed.length === 1 ? 'one measurement is' : `${missed.length} measurements are`} beyond the limit.`,
        why: missed
          .map(
            ({ name: of, value, unit, limit }) =>
              `${of} ${value ?? 'never'}${unit && ` ${unit}`} (at most ${limit})`,
          )
          .join('; '),
        now: 'The report shows what happened when.',
      });
    }
    note(
      result.measurements
        .filter(({ limit, value, unit }) => limit !== undefined && unit === 's' && value !== undefined)
        .slice(0, 2)
        .map(({ name: of, value }) => `${of} ${value?.toFixed(1)} s`)
        .join('; '),
    );
  });
}
