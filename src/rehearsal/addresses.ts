/** Addresses inside the rehearsal's network. Those of AWS's own services are the ones that EC2 uses. */
export const ADDRESSES = {
  metadata: '169.254.169.254',
  resolver: '169.254.169.253',
  /** AWS's API host names. */
  api: '169.254.169.250',
  /** The apt proxy, in place of internet access. */
  apt: '169.254.169.249',
  /**
   * Source of browsers and probes, as if from the internet. Public addresses are documentation addresses (RFC 5737).
   */
  internet: '203.0.113.1',
  /** The application load balancer. */
  balancer: '203.0.113.2',
  /** The network load balancer, which has its own addresses. */
  networkBalancer: '203.0.113.3',
  /** Source addresses of load balancers towards targets; machines' addresses start at the tenth of a subnet. */
  balancerInVpc: '10.20.0.4',
  networkBalancerInVpc: '10.20.0.5',
  publicRange: '203.0.113.0/24',
  vpc: '10.20.0.0/16',
  gateway: '10.20.0.1',
} as const;

type BalancerKind = 'application' | 'network';

/** Address of a load balancer of this kind. */
export const balancerAddress = (kind: BalancerKind): string =>
  kind === 'network' ? ADDRESSES.networkBalancer : ADDRESSES.balancer;

/** Address in the VPC from which a load balancer of this kind reaches its targets. */
export const balancerSource = (kind: BalancerKind): string =>
  kind === 'network' ? ADDRESSES.networkBalancerInVpc : ADDRESSES.balancerInVpc;
