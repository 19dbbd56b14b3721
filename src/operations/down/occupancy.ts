import type { Stack } from '@aws-sdk/client-cloudformation';
import type { Account } from '../../cloud/account.js';
import { findStack, outputs } from '../../cloud/stacks.js';
import type { Deployment } from '../../config/deployment.js';
import { stackName } from '../../contract/names.js';
import { OUTPUTS } from '../../contract/template.js';
import { type LatestMetrics, latestMetrics } from '../latest-metrics.js';

/** Ongoing meetings, by the shards' latest metrics, which are published once a minute. */
export interface Occupancy {
  readonly people: number;
  readonly meetings: number;
  /** Shards without metrics in the last five minutes. */
  readonly silent: readonly string[];
}

const EMPTY: Occupancy = { people: 0, meetings: 0, silent: [] };

/** The occupancy of what is deployed; empty if nothing is. */
export async function occupancy(
  account: Account,
  deployment: Pick<Deployment, 'name' | 'shards' | 'bridges'>,
): Promise<Occupancy> {
  const stack = await findStack(account, stackName(deployment.name));
  if (!stack) return EMPTY;
  const shards = deployedShards(stack) || deployment.shards;
  return occupied(await latestMetrics(account, { ...deployment, shards }));
}

/** The number of deployed shards, which may differ from the file's. 0 if the stack has no outputs yet. */
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

/** Describes the occupancy in a sentence. */
export function describeOccupancy({ people, meetings, silent }: Occupancy, domain: string): string {
  const unknown =
    silent.length > 0 &&
    `${silent.length === 1 ? 'shard' : 'shards'} ${silent.join(', ')} published no metrics in the last five minutes`;
  if (people === 0) {
    return unknown
      ? `It is unknown whether anyone is in a meeting at ${domain}: ${unknown}.`
      : `No one is in a meeting at ${domain}.`;
  }
  const found = `${counted(people, 'person is', 'people are')} in ${counted(meetings, 'meeting', 'meetings')} at ${domain}`;
  return unknown ? `At least ${found}; ${unknown}.` : `${found}.`;
}

const counted = (number: number, one: string, many: string): string =>
  `${number} ${number === 1 ? one : many}`;
