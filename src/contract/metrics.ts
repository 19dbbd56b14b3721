/** CloudWatch namespace of what the machines publish. */
export const METRICS_NAMESPACE = 'Convoke';

/** What machines publish, by the names that CloudWatch keeps it under. */
export const METRICS = {
  /** 0 idle, 1 full; of one bridge at one moment. */
  stress: 'Stress',
  /** People in meetings of one shard. */
  participants: 'Participants',
  conferences: 'Conferences',
  /** Bridges that a shard's focus can use. */
  bridges: 'Bridges',
  /** 1 or 0. */
  shardHealthy: 'ShardHealthy',
  /** Security updates that wait on one machine. */
  updates: 'SecurityUpdates',
  /** People whose media one bridge handles. */
  bridgeParticipants: 'BridgeParticipants',
} as const;

/** Dimensions of what a shard publishes of its shard, once a minute. */
export const shardDimensions = (deployment: string, shard: string): Record<string, string> => ({
  Deployment: deployment,
  Shard: shard,
});

/** Dimensions of what all bridges publish together, every ten seconds: statistics are over all of them. */
export const bridgeDimensions = (deployment: string): Record<string, string> => ({
  Deployment: deployment,
  Role: 'bridge',
});

/** Seconds between two values of a bridge. CloudWatch keeps them apart only at high resolution. */
export const STRESS_EVERY = 10;
