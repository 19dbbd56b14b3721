import type { Account } from '../account.js';

/** What a sweep looks for: everything of one deployment, known by name, tag or domain. */
export interface Target {
  readonly deployment: string;
  readonly domain: string;
  /** Name of the Route 53 zone that holds the domain's records, if convoke writes them. */
  readonly zone?: string;
  /** Id of that zone, where it is known. Default: that of the account's only zone of that name. */
  readonly zoneId?: string;
}

/** One thing that stays, and why. */
export interface Found {
  readonly id: string;
  readonly reason: string;
}

/** One kind of thing that a deployment can leave behind. */
export interface Kind {
  /** In a person's words, plural: `load balancers`. */
  readonly name: string;
  /** How often it is tried, every 5 s, until it has gone. Default: 12. */
  readonly rounds?: number;
  find(account: Account, target: Target): Promise<string[]>;
  remove(account: Account, id: string, target: Target): Promise<void>;
  /** What looks like the deployment's and is left on purpose, with the reason. Default: nothing. */
  keep?(account: Account, target: Target): Promise<Found[]>;
}

/** Whether something is there could not be seen, and why. */
export class NotSeen extends Error {}
