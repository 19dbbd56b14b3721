import { MeetingSettings } from '../src/config/meetings.js';
import type { BridgeFacts, CellFacts, Neighbour } from '../src/node/facts.js';

/** Facts of a solo machine, for tests. Documentation names and addresses only. */
export function sampleFacts(
  changes: {
    spec?: Partial<CellFacts['spec']>;
    surroundings?: Partial<CellFacts['surroundings']>;
    neighbours?: readonly Neighbour[];
  } = {},
): CellFacts {
  return {
    spec: {
      deployment: 'demo',
      domain: 'meet.example.org',
      region: 'eu-central-1',
      role: 'cell',
      cell: 'a',
      cells: ['a'],
      bridgeOnBoard: true,
      group: 'convoke-demo-cell-a',
      secret: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:demo',
      bridgeSecret: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:demo-bridges',
      packages: { kind: 'official' },
      metrics: 'Convoke',
      access: 'open',
      meetings: MeetingSettings.parse({}),
      turn: false,
      ...changes.spec,
    },
    surroundings: {
      instanceId: 'i-0123456789abcdef0',
      zone: 'eu-central-1a',
      privateAddress: '10.20.0.10',
      publicAddress: '203.0.113.7',
      memory: 1900,
      ...changes.surroundings,
    },
    passwords: {
      focus: 'focus-password-that-is-long-enough',
      bridge: 'bridge-password-that-is-long-enough',
      tokens: 'key-of-invitations-that-is-long-enough',
      turn: 'secret-of-turn-that-is-long-enough',
    },
    neighbours: changes.neighbours ?? [],
  };
}

/** Facts of a bridge with a machine of its own. */
export function sampleBridge(
  changes: { surroundings?: Partial<BridgeFacts['surroundings']>; neighbours?: readonly Neighbour[] } = {},
): BridgeFacts {
  const { spec, surroundings, passwords } = sampleFacts();
  return {
    spec: {
      deployment: spec.deployment,
      domain: spec.domain,
      region: spec.region,
      role: 'bridge',
      group: 'convoke-demo-bridges',
      hook: 'convoke-drain',
      bridgeSecret: spec.bridgeSecret,
      packages: spec.packages,
      metrics: spec.metrics,
    },
    surroundings: { ...surroundings, memory: 3900, ...changes.surroundings },
    passwords: { bridge: passwords.bridge },
    neighbours: changes.neighbours ?? [],
  };
}

const there = { zone: 'eu-central-1b', launched: Date.UTC(2026, 0, 1) };

/** Other machines, as EC2 tells of them. */
export const sampleNeighbours = {
  cellA: { role: 'cell', cell: 'a', instanceId: 'i-0aa', privateAddress: '10.20.0.11', ...there },
  cellB: { role: 'cell', cell: 'b', instanceId: 'i-0bb', privateAddress: '10.20.1.12', ...there },
  bridge: { role: 'bridge', instanceId: 'i-0cc', privateAddress: '10.20.1.20', ...there },
} as const satisfies Record<string, Neighbour>;

/** Facts of cell `a` of two, whose bridges have machines of their own. */
export const teamFacts = (neighbours: readonly Neighbour[] = [sampleNeighbours.cellB]): CellFacts =>
  sampleFacts({ spec: { cells: ['a', 'b'], bridgeOnBoard: false, turn: true }, neighbours });
