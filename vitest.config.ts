import { basename } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { textModulesForVite } from './scripts/text-modules.mjs';

/** Real daemons and machines take time to start. */
const REAL = { testTimeout: 120_000, hookTimeout: 600_000 };

/**
 * Projects of this group run side by side. Most of their tests wait: for what settles late, or for a timeout. So four of
 * them keep two cores busy.
 */
const SHARED = { maxWorkers: 4, sequence: { groupOrder: 1 } };

/** A group of its own for tests that measure times against limits, so that nothing runs beside them. */
const alone = (groupOrder: number) => ({ fileParallelism: false, sequence: { groupOrder } });
const DRILLS = 'test/rehearsal/team.test.ts';
/** Takes twenty minutes, and runs on demand. */
const UPGRADES = 'test/rehearsal/upgrade.test.ts';
const ATTACKS = 'test/integration/limits/{limits,school,unread}.test.ts';

/** Files that take minutes, mostly waiting, longest first. They begin first, so that none of them runs alone at the end. */
const LONG = [
  'killed',
  'upgrade-killed',
  'routing',
  'silence',
  'aws-faults',
  'control-plane-scaling',
  'upgrade',
  'killed-verbs',
  'solo',
  'cli-errors',
  'cli',
  'rooms',
  'fakes',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const index = LONG.indexOf(basename(moduleId, '.test.ts'));
      return index < 0 ? LONG.length : index;
    };
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}

/** Rehearsals that no time limit depends on, and which mostly wait. */
const WAITING = 'test/rehearsal/{killed,killed-verbs,upgrade-killed,two-deployments}.test.ts';

const plugins = [textModulesForVite()];

export default defineConfig({
  test: {
    reporters: ['default', './test/reporter.ts'],
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        plugins,
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts'],
          // Needs neither apt nor root.
          globalSetup: 'test/node-bundle.ts',
          testTimeout: 30_000,
          // Files share what they import: loading CDK anew for each takes longer than all of their tests.
          isolate: false,
          maxWorkers: 2,
          // CDK's own check of each template takes seconds; test/checks looks at them more strictly.
          env: { CDK_VALIDATION: 'false' },
          sequence: { groupOrder: 0 },
        },
      },
      {
        plugins,
        test: {
          name: 'checks',
          globalSetup: 'test/setup.ts',
          include: ['test/checks/*.test.ts'],
          ...REAL,
          ...SHARED,
        },
      },
      {
        plugins,
        test: {
          name: 'emulated',
          globalSetup: 'test/setup.ts',
          include: ['test/emulated/*.test.ts'],
          // As above: a third of the imports' time.
          isolate: false,
          ...REAL,
          // Each file has an emulated account of its own, and mostly waits for it.
          ...SHARED,
        },
      },
      {
        plugins,
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          exclude: [ATTACKS],
          globalSetup: ['test/setup.ts', 'test/integration/setup.ts'],
          ...REAL,
          // Each test has a network of its own, or ports that are free.
          ...SHARED,
        },
      },
      {
        plugins,
        test: {
          name: 'waiting',
          include: [WAITING],
          globalSetup: 'test/setup.ts',
          setupFiles: 'test/rehearsal/own-home.ts',
          ...REAL,
          ...SHARED,
        },
      },
      {
        plugins,
        test: {
          name: 'rehearsal',
          globalSetup: 'test/setup.ts',
          include: ['test/rehearsal/*.test.ts'],
          exclude: [DRILLS, UPGRADES, WAITING],
          setupFiles: 'test/rehearsal/own-home.ts',
          ...REAL,
          // A rehearsal mostly waits for machines that boot.
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
      {
        plugins,
        test: {
          name: 'drills',
          globalSetup: 'test/setup.ts',
          include: [DRILLS, UPGRADES],
          setupFiles: 'test/rehearsal/own-home.ts',
          ...REAL,
          ...alone(3),
        },
      },
      {
        plugins,
        test: {
          name: 'attacks',
          globalSetup: ['test/setup.ts', 'test/integration/setup.ts'],
          include: [ATTACKS],
          ...REAL,
          ...alone(4),
        },
      },
      {
        plugins,
        test: {
          name: 'media',
          globalSetup: 'test/setup.ts',
          include: ['test/media/*.test.ts'],
          ...REAL,
          // A drill ends when everything is as it was.
          testTimeout: 600_000,
          ...alone(5),
        },
      },
    ],
  },
});
