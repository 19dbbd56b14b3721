import type { Account } from '../account.js';

/** The deployment that a sweep searches for, by name, tag and domain. */
export interface Target {
  readonly deployment: string;
  readonly domain: string;
  /** Name of the hosted zone with the domain's records, if convoke manages DNS. */
  readonly zone?: string;
  /** Id of that zone, if known. Default: the account's only zone with this name. */
  readonly zoneId?: string;
}

/** A resource that remains, and why. */
export interface Leftover {
  readonly id: string;
  readonly reason: string;
}

/** A kind of resource that a deployment can leave behind. */
export interface Kind {
  /** Name for messages, plural: `load balancers`. */
  readonly name: string;
  /** Maximum number of attempts, one every 5 s. Default: 12. */
  readonly rounds?: number;
  find(account: Account, target: Target): Promise<string[]>;
  remove(account: Account, id: string, target: Target): Promise<void>;
  /** Resources that look like the deployment's but are kept intentionally, with the reason. Default: none. */
  keep?(account: Account, target: Target): Promise<Leftover[]>;
}

/** The search for a kind of resource failed, and why. */
export class NotSeen extends Error {}
