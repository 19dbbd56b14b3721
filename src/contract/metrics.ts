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
  /** The same of all machines as one metric, for the alarm. */
  waitingUpdates: 'WaitingUpdates',
  /** Participants whose media one bridge handles. */
  bridgeParticipants: 'BridgeParticipants',
  /** 1 while a recorder records or streams, otherwise 0. */
  recorderBusy: 'RecorderBusy',
  /**
   * How many recorders a shard lacks: those that are to wait while anybody meets, without those that do wait. Negative: as many
   * are too many. The largest of all shards is the deployment's.
   */
  recordersLacking: 'RecordersLacking',
  /** Recordings of one recorder that could not be uploaded for minutes. Published only while there are some. */
  notUploaded: 'RecordingsNotUploaded',
  /** 1 when a shard's agent restarted a Jicofo that did not see its bridges. Published only then. */
  repairs: 'JicofoRestarts',
  /** Free disk space of one machine, in MiB. */
  disk: 'DiskFree',
  /** Available memory of one machine, in MiB. */
  memory: 'MemoryAvailable',
  /** Participants who could not connect to a bridge (ICE failed). Published only when there are some. */
  iceFailed: 'IceFailed',
  /** 1 while a shard has lost its bridges. Published only then. */
  withoutBridges: 'ShardsWithoutBridges',
  /** Percentage of packets that one bridge and its participants lost. Published only while it has participants. */
  loss: 'PacketLoss',
} as const;

export type MetricName = (typeof METRICS)[keyof typeof METRICS];

/** Metrics that all machines of a deployment publish as one. An alarm reads the worst machine's by its statistic. */
export const OF_DEPLOYMENT: readonly MetricName[] = [
  METRICS.repairs,
  METRICS.disk,
  METRICS.memory,
  METRICS.waitingUpdates,
  METRICS.iceFailed,
  METRICS.loss,
  METRICS.withoutBridges,
  METRICS.recordersLacking,
  METRICS.notUploaded,
];

/**
 * MiB below which a machine is short of disk space or memory. A machine has a disk of 12 GB, of which the journal keeps
 * 400 MiB at most.
 */
export const SHORT_OF = { disk: 1024, memory: 150 } as const;

/**
 * Hours that security updates wait until mail is sent. Debian's daily job installs most of them within a day; then there
 * is an hour in which no machine has any.
 */
export const UPDATES_WAIT_HOURS = 72;

/** Number of failed connections to bridges in five minutes at which mail is sent. */
export const MANY_ICE_FAILURES = 5;

/** Percentage of lost packets at which mail is sent. Videobridge calls more than this a high loss (VideobridgePeriodicMetrics). */
export const HIGH_LOSS = 10;

/** Dimensions of {@link OF_DEPLOYMENT}. */
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

/** Dimensions of the metrics that all recorders share, published every ten seconds. */
export const recorderDimensions = (deployment: string): Record<string, string> => ({
  Deployment: deployment,
  Role: 'recorder',
});

/** Seconds between two values of a bridge. CloudWatch stores them separately only at high resolution. */
export const STRESS_EVERY = 10;
