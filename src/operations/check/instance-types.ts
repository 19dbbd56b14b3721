import type { Account } from '../../cloud/account.js';
import { type InstanceType, instanceTypes } from '../../cloud/instance-types.js';
import type { Architecture, Deployment } from '../../config/deployment.js';
import { memoryComplaint } from '../../config/memory.js';
import { pickZones, suits, type ZoneFacts, zoneFacts } from '../availability-zones.js';
import { type Demand, demands } from './demand.js';
import { type Finding, finding, fine, wrong } from './finding.js';

export interface TypeFacts {
  readonly demands: readonly Demand[];
  readonly architecture: Architecture;
  /** Types that exist in the region. */
  readonly known: readonly InstanceType[];
}

const EC2_ARCHITECTURE: Readonly<Record<Architecture, string>> = { arm64: 'arm64', amd64: 'x86_64' };

/** Whether each type exists in the region, has the image's architecture, and has enough memory. */
export function judgeTypes({ demands, architecture, known }: TypeFacts): Finding[] {
  const found = demands.flatMap(({ what, role, types }) =>
    types.flatMap((type) => {
      const it = known.find(({ name }) => name === type);
      if (!it)
        return [
          wrong(`type of ${what}`, `this region has no ${type}`, `Use another type in "${key(what)}".`),
        ];
      const complaint = it.memory === undefined ? undefined : memoryComplaint(type, it.memory, role);
      if (complaint) return [wrong(`type of ${what}`, complaint, `Use another type in "${key(what)}".`)];
      if (it.architectures.includes(EC2_ARCHITECTURE[architecture])) return [];
      return [
        wrong(
          `type of ${what}`,
          `${type} is ${it.architectures.join(' and ')}, but machines.architecture is ${architecture}`,
          `Use another type in "${key(what)}", or set machines.architecture.`,
        ),
      ];
    }),
  );
  return found.length ? found : [fine('types of machines', `${architecture}, with enough memory`)];
}

const KEYS = { shards: 'machines.shard', bridges: 'bridges.types', recorders: 'recording.type' } as const;

const key = (what: Demand['what']): string => KEYS[what];

/** Whether two availability zones offer at least one type for every role. */
export function judgeOffers(facts: ZoneFacts): Finding[] {
  const { demands, zones, offers, deployed } = facts;
  if (zones.length < 2) {
    return [
      wrong(
        'zones',
        `the account can use ${zones.length === 1 ? `only ${zones[0]}` : 'no availability zone'} in this region`,
        'Choose another region, because a deployment needs two availability zones.',
      ),
    ];
  }
  const picked = pickZones(facts);
  if (picked.length === 2 && picked.every((zone) => suits(zone, facts)))
    return [fine('types in zones', `offered in ${picked.join(' and ')}`)];
  const found = demands.flatMap(({ what, types }) => {
    const offered = zones.filter((zone) => types.some((type) => offers.get(type)?.includes(zone)));
    const lacking = deployed.filter((zone) => !offered.includes(zone));
    if (deployed.length > 0 ? lacking.length === 0 : offered.length >= 2) return [];
    return [
      wrong(
        `${what} in ${deployed.length > 0 ? lacking.join(' and ') : 'two zones'}`,
        `${types.join(', ')} ${types.length > 1 ? 'are' : 'is'} offered in ${offered.length > 0 ? `${offered.join(', ')} only` : 'no zone'}`,
        `Use another type in "${key(what)}".`,
      ),
    ];
  });
  return found.length > 0
    ? found
    : [
        wrong(
          'types in zones',
          `no two zones offer all of ${demands.flatMap(({ types }) => types).join(', ')}`,
          `Use other types in ${demands.map(({ what }) => `"${key(what)}"`).join(' or ')}.`,
        ),
      ];
}

/** Whether the instance types are available. */
export async function types(account: Account, deployment: Deployment): Promise<Finding[]> {
  const wanted = demands(deployment);
  const names = [...new Set(wanted.flatMap((demand) => demand.types))];
  const found = await Promise.all([
    finding(
      'types of machines',
      async () => ({
        demands: wanted,
        architecture: deployment.machines.architecture,
        known: await instanceTypes(account, names),
      }),
      judgeTypes,
    ),
    finding('types in zones', () => zoneFacts(account, deployment), judgeOffers),
  ]);
  return found.flat();
}
