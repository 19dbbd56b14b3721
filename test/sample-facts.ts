import type { CellFacts } from '../src/node/facts.js';

/** Facts of a solo machine, for tests. Documentation names and addresses only. */
export function sampleFacts(
  changes: { spec?: Partial<CellFacts['spec']>; surroundings?: Partial<CellFacts['surroundings']> } = {},
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
      packages: { kind: 'official' },
      metrics: 'Convoke',
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
    passwords: { focus: 'focus-password-that-is-long-enough', bridge: 'bridge-password-that-is-long-enough' },
    neighbours: [],
  };
}
