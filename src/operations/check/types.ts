import type { Account } from '../../cloud/account.js';
import { deploymentZones, type InstanceType, instanceTypes, offeredIn } from '../../cloud/instance-types.js';
import type { Architecture, Deployment } from '../../config/deployment.js';
import { type Demand, demands } from './demand.js';
import { type Finding, finding, fine, wrong } from './finding.js';

export interface TypeFacts {
  readonly demands: readonly Demand[];
  readonly architecture: Architecture;
  /** Types that the region has. */
  readonly known: readonly InstanceType[];
}

const EC2_ARCHITECTURE: Readonly<Record<Architecture, string>> = { arm64: 'arm64', amd64: 'x86_64' };

/** Whether each type exists in the region and runs what the machines' image is made for. */
export function judgeArchitecture({ demands, architecture, known }: TypeFacts): Finding[] {
  const found = demands.flatMap(({ what, types }) =>
    types.flatMap((type) => {
      const it = known.find(({ name }) => name === type);
      if (!it)
        return [wrong(`type of ${what}`, `this region has no ${type}`, `Name another under "${key(what)}".`)];
      if (it.architectures.includes(EC2_ARCHITECTURE[architecture])) return [];
      return [
        wrong(
          `type of ${what}`,
          `${type} is ${it.architectures.join(' and ')}, and machines.architecture is ${architecture}`,
          `Name another under "${key(what)}", or set machines.architecture.`,
        ),
      ];
    }),
  );
  return found.length ? found : [fine('types of machines', `there, and ${architecture}`)];
}

const key = (what: Demand['what']): string => (what === 'cells' ? 'machines.cell' : 'bridges.types');

export interface OfferFacts {
  readonly demands: readonly Demand[];
  /** Zones that the deployment's subnets are in. */
  readonly zones: readonly string[];
  /** Zones in which each type is offered. */
  readonly offers: ReadonlyMap<string, readonly string[]>;
}

/** Whether every zone has at least one of the types that will do. */
export function judgeOffers({ demands, zones, offers }: OfferFacts): Finding[] {
  if (zones.length < 2) {
    return [
      wrong(
        'zones',
        `the account may use ${zones.length === 1 ? `only ${zones[0]}` : 'no zone'} here`,
        'Choose another region: a deployment is over two zones.',
      ),
    ];
  }
  const found = demands.flatMap(({ what, types }) =>
    zones
      .filter((zone) => !types.some((type) => offers.get(type)?.includes(zone)))
      .map((zone) =>
        wrong(
          `${what} in ${zone}`,
          `${types.join(', ')} ${types.length > 1 ? 'are' : 'is'} not offered there`,
          `Name another type under "${key(what)}"${elsewhere(types, offers)}.`,
        ),
      ),
  );
  return found.length ? found : [fine('types in zones', `offered in ${zones.join(' and ')}`)];
}

function elsewhere(types: readonly string[], offers: OfferFacts['offers']): string {
  const zones = [...new Set(types.flatMap((type) => offers.get(type) ?? []))];
  return zones.length ? `; these are offered in ${zones.join(', ')} only` : '';
}

/** Whether the machines that the file names can be had. */
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
      judgeArchitecture,
    ),
    finding(
      'types in zones',
      async () => {
        const [zones, offers] = await Promise.all([deploymentZones(account), offeredIn(account, names)]);
        return { demands: wanted, zones, offers };
      },
      judgeOffers,
    ),
  ]);
  return found.flat();
}
