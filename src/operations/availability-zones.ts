import type { Account } from '../cloud/account.js';
import { availabilityZones, offeredIn } from '../cloud/instance-types.js';
import { findStack, parameters } from '../cloud/stacks.js';
import type { Deployment } from '../config/deployment.js';
import { ConvokeError } from '../contract/errors.js';
import { stackName } from '../contract/names.js';
import { AVAILABILITY_ZONE_PARAMETERS } from '../contract/template.js';
import { type Demand, demands } from './check/demand.js';
import { stackState } from './stack-states.js';

export interface ZoneFacts {
  readonly demands: readonly Demand[];
  /** Availability zones of the account, in order. */
  readonly zones: readonly string[];
  /** Zones that offer each type. */
  readonly offers: ReadonlyMap<string, readonly string[]>;
  /** Zones of the existing deployment; empty if it is not deployed, or was deployed before zones were parameters. */
  readonly deployed: readonly string[];
}

/** Whether a zone offers at least one type for every role. */
export const suits = (zone: string, { demands, offers }: Pick<ZoneFacts, 'demands' | 'offers'>): boolean =>
  demands.every(({ types }) => types.some((type) => offers.get(type)?.includes(zone)));

/**
 * The two zones of a deployment: its current ones, or else the first two that offer its machines; fewer if there are
 * not enough.
 */
export const pickZones = (facts: ZoneFacts): string[] =>
  facts.deployed.length > 0
    ? [...facts.deployed]
    : facts.zones.filter((zone) => suits(zone, facts)).slice(0, 2);

export async function zoneFacts(account: Account, deployment: Deployment): Promise<ZoneFacts> {
  const wanted = demands(deployment);
  const types = [...new Set(wanted.flatMap((demand) => demand.types))];
  const [zones, offers, deployed] = await Promise.all([
    availabilityZones(account),
    offeredIn(account, types),
    deployedZones(account, deployment),
  ]);
  return { demands: wanted, zones, offers, deployed };
}

/** A subnet cannot change its zone while its stack exists. A stack that `up` deletes first can use other zones. */
async function deployedZones(account: Account, { name }: Deployment): Promise<string[]> {
  const stack = await findStack(account, stackName(name));
  if (!stack || stackState(stack.StackStatus).next === 'delete') return [];
  const given = parameters(stack);
  return AVAILABILITY_ZONE_PARAMETERS.map((key) => given[key] ?? '').filter(Boolean);
}

/** The zones as values of the template's parameters. Throws `NoZones`. */
export async function chosenZones(account: Account, deployment: Deployment): Promise<Record<string, string>> {
  const zones = pickZones(await zoneFacts(account, deployment));
  if (zones.length < 2) {
    throw new ConvokeError('NoZones', {
      what: `No two availability zones of ${deployment.region} offer all instance types of this deployment.`,
      now: 'Run "convoke check" to see which zones offer which type.',
      fault: 'user',
    });
  }
  return Object.fromEntries(AVAILABILITY_ZONE_PARAMETERS.map((key, index) => [key, zones[index] ?? '']));
}
