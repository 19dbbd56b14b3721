/** CloudWatch namespace of the machines' metrics. */
export const METRICS_NAMESPACE = 'Convoke';

/** Names of the metrics that machines publish to CloudWatch. */
export const METRICS = {
  /** Stress of one bridge: 0 idle, 1 full. */
  stress: 'Stress',
  /** Participants in the meetings of one shard. */
  participants: 'Participants',
  conferences: 'Conferences',
  /** Bridges available to a shard's Jicofo. */
  bridges: 'Bridges',
  /** 1 or 0. */
  shardHealthy: 'ShardHealthy',
  /** Pending security updates of one machine. */
  updates: 'SecurityUpdates',
  /** Participants whose media one bridge handles. */
  bridgeParticipants: 'BridgeParticipants',
  /** 1 when a shard's agent restarted a Jicofo that did not see its bridges. Published only then. */
  repairs: 'JicofoRestarts',
} as const;

/** Dimensions of what all shards publish together. */
export const deploymentDimensions = (deployment: string): Record<string, string> => ({
  Deployment: deployment,
});

/** Dimensions of a shard's metrics, which are published once a minute. */
export const shardDimensions = (deployment: string, shard: string): Record<string, string> => ({
  Deployment: deployment,
  Shard: shard,
});

/** Dimensions of the metrics that all bridges share, published every ten seconds: statistics cover all bridges. */
export const bridgeDimensions = (deployment: string): Record<string, string> => ({
  Deployment: deployment,
  Role: 'bridge',
});

/** Seconds between two values of a bridge. CloudWatch stores them separately only at high resolution. */
export const STRESS_EVERY = 10;
