import type { Mail } from './incident.js';

/** The sentences of one mail, without its frame. */
export interface Sentences {
  /** Completes the subject, after the domain: a short clause. */
  readonly subject: string;
  readonly happened: string;
  readonly notices: string;
  readonly automatic: string;
  readonly now: string;
  readonly details?: string;
}

/** A language: the sentences of each mail, and the words of the frame. */
export interface Wording {
  readonly sentences: (mail: Mail, about: About) => Sentences;
  readonly labels: {
    readonly since: string;
    readonly until: string;
    readonly notices: string;
    readonly automatic: string;
    readonly now: string;
    readonly details: string;
    readonly link: string;
  };
  /** How a duration is written; `count` is at least 1. */
  readonly duration: (count: number, unit: 'minute' | 'hour' | 'day') => string;
  readonly locale: string;
}

/** What the sentences depend on besides the mail. */
export interface About {
  readonly domain: string;
  /** Whether there is only one shard, so that its failure ends every meeting. */
  readonly single: boolean;
  /** `a` for the group of shard a; undefined for bridges and recorders. */
  readonly shardOf: (group: string) => string | undefined;
  readonly isRecorder: (group: string) => boolean;
  readonly ownCertificate: boolean;
  readonly lasted: string;
}
