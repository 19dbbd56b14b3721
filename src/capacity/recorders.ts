/**
 * When recorders come and go. A recorder that starts from a machine image needs about two minutes on EC2, so some wait while
 * anybody meets; a shard's metric says how many are lacking or too many.
 */
export const RECORDERS = {
  /** GB of the disk: the system, and hours of a recording that cannot be uploaded. */
  diskGb: 30,
  /** Minutes of the lifecycle hook. Auto Scaling waits a hundred times as long at most (Auto Scaling API, PutLifecycleHook). */
  drainTimeout: 5,
  out: {
    /** Recorders that are added at once, at most. */
    steps: 3,
    /** Seconds until a new recorder counts; one that is starting is not lacking twice. */
    warmUp: 180,
  },
  in: {
    /** Minutes for which recorders must be too many: people who come back find one. */
    minutes: 10,
    /** Seconds until the next one is removed. */
    cooldown: 60,
  },
} as const;
