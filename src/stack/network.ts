import { aws_ec2 as ec2 } from 'aws-cdk-lib';
import { Construct } from 'constructs';

/** Address range of the deployment's own VPC. */
export const VPC_CIDR = '10.20.0.0/16';

export interface NetworkProps {
  /** A VPC that exists already. @default - one is created */
  readonly vpc?: ec2.IVpc;
  /** Two availability zones for a VPC that is created. @default - the first two that CloudFormation names */
  readonly zones?: readonly [string, string];
}

/**
 * A VPC in two availability zones with public subnets only. Machines have public addresses, since participants must
 * reach bridges over UDP; so a NAT gateway would cost money for nothing.
 */
export class Network extends Construct {
  readonly vpc: ec2.IVpc;
  /** Public subnets, one in each availability zone: a load balancer takes no two in one zone. */
  readonly subnets: readonly ec2.ISubnet[];

  constructor(scope: Construct, id: string, { vpc, zones }: NetworkProps = {}) {
    super(scope, id);
    this.vpc =
      vpc ??
      new ec2.Vpc(this, 'Vpc', {
        ipAddresses: ec2.IpAddresses.cidr(VPC_CIDR),
        ...(zones ? { availabilityZones: [...zones] } : { maxAzs: 2 }),
        natGateways: 0,
        // The default security group is unused; emptying it would need a Lambda function that stays behind.
        restrictDefaultSecurityGroup: false,
        subnetConfiguration: [{ name: 'public', subnetType: ec2.SubnetType.PUBLIC, cidrMask: 24 }],
      });
    this.subnets = publicSubnets(this.vpc);
  }

  /** The availability zones of the subnets. */
  get zones(): string[] {
    return this.subnets.map(({ availabilityZone }) => availabilityZone);
  }
}

/** The first public subnet of each availability zone. */
export function publicSubnets(vpc: ec2.IVpc): ec2.ISubnet[] {
  const first = new Map<string, ec2.ISubnet>();
  for (const subnet of vpc.publicSubnets)
    if (!first.has(subnet.availabilityZone)) first.set(subnet.availabilityZone, subnet);
  return [...first.values()];
}
