import type { Account } from '../cloud/account.js';
import type { Deployment } from '../config/deployment.js';
import type { OnProgress } from './progress.js';

/** What every operation on a deployment needs. */
export interface Operation {
  readonly account: Account;
  readonly deployment: Deployment;
  readonly onProgress: OnProgress;
  /** Ends the operation at the next safe point. */
  readonly signal?: AbortSignal;
}
