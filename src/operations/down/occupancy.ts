import type { Stack } from '@aws-sdk/client-cloudformation';
import type { Account } from '../../cloud/account.js';
import { findStack, outputs } from '../../cloud/stacks.js';
import type { Deployment } from '../../config/deployment.js';
import { stackName } from '../../contract/names.js';
import { OUTPUTS } from '../../stack/deployment-stack.js';
import { type LatestMetrics, latestMetrics } from '../latest-metrics.js';

/** Who is in meetings, by what the shards reported last: they do once a minute. */
export interface Occupancy {
  readonly people: number;
  readonly meetings: number;
  /** Shards that have not said how many they have in the last five minutes. */
  readonly silent: readonly string[];
}

const NOBODY: Occupancy = { people: 0, meetings: 0, silent: [] };

/** Who is in meetings of what is deployed; nobody, where nothing is. */
export async function occupancy(
  account: Account,
  deployment: Pick<Deployment, 'name' | 'shards' | 'bridges'>,
): Promise<Occupancy> {
  const stack = await findStack(account, stackName(deployment.name));
  if (!stack) return NOBODY;
  const shards = deployedShards(stack) || deployment.shards;
  return occupied(await latestMetrics(account, { ...deployment, shards }));
}

/** The file may want another number than there is. 0 where the stack has not come so far. */
function deployedShards(stack: Stack): number {
  const groups = (outputs(stack)[OUTPUTS.groups] ?? '').split(',');
  return groups.filter((group) => /-shard-[a-z]$/.test(group)).length;
}

export function occupied({ people = 0, meetings = 0, shards }: LatestMetrics): Occupancy {
  return {
    people,
    meetings,
    silent: shards.filter((shard) => shard.people === undefined).map(({ shard }) => shard),
  };
}

export const isEmpty = ({ people, silent }: Occupancy): boolean => people === 0 && silent.length === 0;

/** What is known of it, a sentence. */
export function say({ people, meetings, silent }: Occupancy, domain: string): string {
  const unknown =
    silent.length > 0 &&
    `${silent.length === 1 ? 'shard' : 'shards'} ${silent.join(', ')} reported nothing in the last five minutes`;
  if (people === 0) {
    return unknown
      ? `Whether anybody is in a meeting at ${domain} is unknown: ${unknown}.`
      : `Nobody is in a meeting at ${domain}.`;
  }
  const found = `${counted(people, 'person is', 'people are')} in ${counted(meetings, 'meeting', 'meetings')} at ${domain}`;
  return unknown ? `At least ${found}; ${unknown}.` : `${found}.`;
}

const counted = (number: number, one: string, many: string): string =>
  `${number} ${number === 1 ? one : many}`;
