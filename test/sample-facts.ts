import { MeetingSettings } from '../src/contract/meetings.js';
import type { BridgeFacts, ClusterMember, RecorderFacts, ShardFacts } from '../src/node/facts.js';

/** Facts of a solo machine, for tests. Documentation names and addresses only. */
export function sampleFacts(
  changes: {
    spec?: Partial<ShardFacts['spec']>;
    instance?: Partial<ShardFacts['instance']>;
    members?: readonly ClusterMember[];
  } = {},
): ShardFacts {
  return {
    spec: {
      deployment: 'demo',
      domain: 'meet.example.org',
      region: 'eu-central-1',
      role: 'shard',
      shard: 'a',
      shards: ['a'],
      colocatedBridge: true,
      group: 'convoke-demo-shard-a',
      secret: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:demo',
      bridgeSecret: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:demo-bridges',
      packages: { kind: 'official' },
      metrics: 'Convoke',
      logs: { group: 'convoke-demo-logs', diagnostics: 'redacted' },
      access: 'open',
      meetings: MeetingSettings.parse({}),
      turn: false,
      ...changes.spec,
    },
    instance: {
      instanceId: 'i-0123456789abcdef0',
      zone: 'eu-central-1a',
      privateAddress: '10.20.0.10',
      publicAddress: '203.0.113.7',
      memory: 1900,
      ...changes.instance,
    },
    passwords: {
      ...(changes.spec?.recording && {
        recorder: {
          brewery: 'brewery-password-of-recorders-that-is-long-enough',
          page: 'pass-of-recorders-that-is-long-enough',
          meetings: 'meeting-password-of-recorders-that-is-long-enough',
        },
      }),
      focus: 'focus-password-that-is-long-enough',
      bridge: 'bridge-password-that-is-long-enough',
      tokens: 'key-of-invitations-that-is-long-enough',
      turn: 'secret-of-turn-that-is-long-enough',
      signIn: 'key-of-cookies-that-is-long-enough',
    },
    members: changes.members ?? [],
  };
}

/** Facts of a dedicated bridge. */
export function sampleBridge(
  changes: { instance?: Partial<BridgeFacts['instance']>; members?: readonly ClusterMember[] } = {},
): BridgeFacts {
  const { spec, instance, passwords } = sampleFacts();
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
      logs: spec.logs,
    },
    instance: { ...instance, memory: 3900, ...changes.instance },
    passwords: { bridge: passwords.bridge },
    members: changes.members ?? [],
  };
}

/** Facts of a recorder. */
export function sampleRecorder(changes: { members?: readonly ClusterMember[] } = {}): RecorderFacts {
  const { spec, instance } = sampleFacts();
  return {
    spec: {
      deployment: spec.deployment,
      domain: spec.domain,
      region: spec.region,
      role: 'recorder',
      group: 'convoke-demo-recorders',
      hook: 'convoke-drain',
      recorderSecret: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:demo-recorders',
      bucket: 'convoke-demo-rec-111122223333-eu-central-1',
      packages: spec.packages,
      metrics: spec.metrics,
      logs: spec.logs,
    },
    instance: { ...instance, memory: 7800 },
    passwords: {
      brewery: 'brewery-password-of-recorders-that-is-long-enough',
      page: 'pass-of-recorders-that-is-long-enough',
      meetings: 'meeting-password-of-recorders-that-is-long-enough',
    },
    members: changes.members ?? [],
  };
}

const there = { zone: 'eu-central-1b', launched: Date.UTC(2026, 0, 1) };

/** Other machines, as listed by EC2. */
export const sampleMembers = {
  shardA: { role: 'shard', shard: 'a', instanceId: 'i-0aa', privateAddress: '10.20.0.11', ...there },
  shardB: { role: 'shard', shard: 'b', instanceId: 'i-0bb', privateAddress: '10.20.1.12', ...there },
  bridge: { role: 'bridge', instanceId: 'i-0cc', privateAddress: '10.20.1.20', ...there },
} as const satisfies Record<string, ClusterMember>;

/** Facts of shard `a` of two, with dedicated bridges. */
export const teamFacts = (members: readonly ClusterMember[] = [sampleMembers.shardB]): ShardFacts =>
  sampleFacts({ spec: { shards: ['a', 'b'], colocatedBridge: false, turn: true }, members });
