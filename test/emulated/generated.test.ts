import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseDeployment } from '../../src/config/load.js';
import { knowsBudgets, REGIONS } from '../../src/config/regions.js';
import { runPythonTests } from './fleet-python.js';

/** How many deployments, and from which seed: `CONVOKE_DEPLOYMENTS=100 CONVOKE_SEED=7`. Only on request. */
const COUNT = Number(process.env.CONVOKE_DEPLOYMENTS ?? 0);
const SEED = Number(process.env.CONVOKE_SEED ?? Date.now() % 1_000_000);

const label = (longest: number) =>
  fc
    .stringMatching(/^[a-z][a-z0-9]{0,40}(-[a-z0-9]{1,10}){0,2}$/)
    .map((text) => text.slice(0, longest).replace(/-+$/, ''))
    .filter((text) => text.length > 0);

/** Host names of 4 to 63 characters below the zone that the emulator has. */
const domain = label(50).map((text) => `${text}.example.org`);
const name = label(20).filter((text) => !/-(toolkit|tls)$/.test(text));
const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

const bridges = fc.record({
  min: fc.integer({ min: 1, max: 3 }),
  max: fc.integer({ min: 3, max: 6 }),
  spot: some(fc.integer({ min: 0, max: 100 })),
  types: some(fc.constantFrom(['c7g.large'], ['c7g.xlarge', 'c6g.xlarge', 'm7g.xlarge'])),
  timezone: some(fc.constantFrom('Europe/Berlin', 'Asia/Calcutta', 'UTC')),
  schedule: some(fc.constant([{ days: 'mon-fri', from: '07:30', until: '16:00', min: 2 }])),
});
const file = fc
  .record({
    domain,
    name: some(name),
    region: fc.constantFrom(...REGIONS),
    alerts: fc.constant('ops@example.org'),
    size: fc.constantFrom('solo', 'team', 'fleet'),
    cells: some(fc.integer({ min: 2, max: 8 })),
    bridges: some(bridges),
    dns: some(fc.constant('manual')),
    access: some(fc.constantFrom('open', 'members')),
    turn: some(fc.constantFrom('on', 'off')),
    budget: some(fc.integer({ min: 1, max: 1_000_000 }).map((monthly) => ({ monthly }))),
  })
  .map((given) => {
    const fits = {
      cells: given.size === 'fleet',
      bridges: given.size !== 'solo',
      budget: knowsBudgets(given.region),
    };
    return Object.fromEntries(
      Object.entries(given).filter(([key, value]) => value !== undefined && fits[key as 'cells'] !== false),
    );
  });

it.runIf(COUNT > 0)(
  `${COUNT} deployments are made and taken down with the rights that "policy" prints, seed ${SEED}`,
  async () => {
    const files = fc.sample(file, { numRuns: COUNT, seed: SEED });
    const deployments = files.map((given) => parseDeployment(JSON.stringify(given), 'a generated file'));
    const { passed, said } = await runPythonTests(deployments, 'test_deployments');
    expect(passed, `Seed ${SEED}. ${said}`).toBe(true);
  },
  3_600_000,
);
