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

/** One thing found. */
export interface Found {
  readonly id: string;
  /** Why it could not be removed; unset while nothing was tried. */
  readonly reason?: string;
}

/** One kind of thing that a deployment can leave behind. */
export interface Kind {
  /** In a person's words, plural: `load balancers`. */
  readonly name: string;
  find(account: Account, target: Target): Promise<string[]>;
  remove(account: Account, id: string, target: Target): Promise<void>;
}

/** Whether something is there could not be seen, and why. */
export class NotSeen extends Error {}
