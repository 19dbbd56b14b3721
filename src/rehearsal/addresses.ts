import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Paths } from './paths.js';

/** Addresses inside the rehearsal's network. Those of AWS's own services are the ones that EC2 uses. */
export const ADDRESSES = {
  metadata: '169.254.169.254',
  resolver: '169.254.169.253',
  /** Where AWS's API names lead. */
  api: '169.254.169.250',
  /** Where machines get Debian packages from, in place of the network they do not have. */
  apt: '169.254.169.249',
  /** Where browsers and probes come from, as if from the internet; documentation addresses (RFC 5737) stand for public ones. */
  internet: '203.0.113.1',
  /** The application load balancer. */
  balancer: '203.0.113.2',
  /** The network load balancer, which has addresses of its own. */
  networkBalancer: '203.0.113.3',
  /** From where load balancers reach their targets; addresses of machines begin at the tenth of a subnet. */
  balancerInVpc: '10.20.0.4',
  networkBalancerInVpc: '10.20.0.5',
  publicRange: '203.0.113.0/24',
  vpc: '10.20.0.0/16',
  gateway: '10.20.0.1',
} as const;

type BalancerKind = 'application' | 'network';

/** Where a load balancer of a kind is. */
export const balancerAddress = (kind: BalancerKind): string =>
  kind === 'network' ? ADDRESSES.networkBalancer : ADDRESSES.balancer;

/** The address in the VPC that a load balancer of a kind reaches its targets from. */
export const balancerSource = (kind: BalancerKind): string =>
  kind === 'network' ? ADDRESSES.networkBalancerInVpc : ADDRESSES.balancerInVpc;

/** Everything that the running rehearsal has a name for. Sockets and pids are in its folder. */
export interface Place {
  readonly run: string;
  readonly cache: string;
  /** Network namespace; one for each home, so that two rehearsals do not meet. */
  readonly namespace: string;
  /**
   * Podman's network, one for each process that makes it. Podman keeps which addresses of a network are taken outside of
   * its storage, so what a killed rehearsal took would stay taken under the same name.
   */
  readonly network: string;
  readonly sockets: {
    readonly world: string;
    readonly metadata: string;
    readonly api: string;
    readonly apt: string;
    readonly web: string;
    readonly names: string;
    readonly haproxy: string;
  };
}

export function placeAt({ run, cache }: Paths): Place {
  const id = createHash('sha256').update(run).digest('hex').slice(0, 6);
  const socket = (name: string) => join(run, `${name}.sock`);
  return {
    run,
    cache,
    namespace: `convoke-${id}`,
    network: `convoke-${id}-${process.pid}`,
    sockets: {
      world: socket('world'),
      metadata: socket('metadata'),
      api: socket('api'),
      apt: socket('apt'),
      web: socket('web'),
      names: socket('names'),
      haproxy: socket('haproxy'),
    },
  };
}
