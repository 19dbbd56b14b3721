import type { Arns } from './arns.js';
import type { ResourceKind } from './kind.js';
import { type Calls, convoke, down, type Right } from './right.js';
import { changesTagged, creates, deletesTagged, reads, see } from './statements.js';

const guardDutys = (arns: Arns, type: string, ...calls: Calls[]): Right => ({
  sid: 'GuardDutysInNetwork',
  why: 'To delete the endpoint and the security group that GuardDuty adds to the network, because they block its deletion. They have the same tag in other networks of the account; convoke deletes only those in its own network, and GuardDuty creates them again where it needs them.',
  resources: [arns.here('ec2', `${type}/*`)],
  conditions: { StringEquals: { 'aws:ResourceTag/GuardDutyManaged': 'true' } },
  calls,
});

const guardDutyEndpoints: ResourceKind = {
  name: 'endpoints of GuardDuty',
  types: [],
  deployer: (arns) => [
    see(arns, down('ec2:DescribeVpcEndpoints')),
    guardDutys(arns, 'vpc-endpoint', down('ec2:DeleteVpcEndpoints')),
  ],
};

const guardDutySecurityGroups: ResourceKind = {
  name: 'security groups of GuardDuty',
  types: [],
  deployer: (arns) => [guardDutys(arns, 'security-group', down('ec2:DeleteSecurityGroup'))],
};

const networkInterfaces: ResourceKind = {
  name: 'network interfaces',
  types: [],
  deployer: (arns) => [
    see(arns, down('ec2:DescribeNetworkInterfaces')),
    deletesTagged(arns, 'network-interface', down('ec2:DeleteNetworkInterface')),
  ],
};

const securityGroups: ResourceKind = {
  name: 'security groups',
  types: ['AWS::EC2::SecurityGroup', 'AWS::EC2::SecurityGroupEgress', 'AWS::EC2::SecurityGroupIngress'],
  execution: (arns) => [
    creates(
      arns,
      'ec2:AuthorizeSecurityGroupEgress',
      'ec2:AuthorizeSecurityGroupIngress',
      'ec2:CreateSecurityGroup',
    ),
    changesTagged(
      arns,
      'ec2:DeleteSecurityGroup',
      'ec2:RevokeSecurityGroupEgress',
      'ec2:RevokeSecurityGroupIngress',
      // Egress and Ingress. A managed policy, as which the boundary has them too, has a limit of characters.
      'ec2:UpdateSecurityGroupRuleDescriptions*',
    ),
  ],
  deployer: (arns) => [
    see(arns, down('ec2:DescribeSecurityGroupRules', 'ec2:DescribeSecurityGroups')),
    deletesTagged(
      arns,
      'security-group',
      down('ec2:DeleteSecurityGroup', 'ec2:RevokeSecurityGroupEgress', 'ec2:RevokeSecurityGroupIngress'),
    ),
  ],
};

const subnets: ResourceKind = {
  name: 'subnets',
  types: ['AWS::EC2::Subnet', 'AWS::EC2::SubnetRouteTableAssociation'],
  execution: (arns) => [
    creates(arns, 'ec2:AssociateRouteTable', 'ec2:CreateSubnet', 'ec2:ModifySubnetAttribute'),
    changesTagged(arns, 'ec2:DeleteSubnet', 'ec2:DisassociateRouteTable'),
  ],
  deployer: (arns) => [
    see(arns, down('ec2:DescribeSubnets')),
    deletesTagged(arns, 'subnet', down('ec2:DeleteSubnet')),
  ],
};

const routeTables: ResourceKind = {
  name: 'route tables',
  types: ['AWS::EC2::RouteTable', 'AWS::EC2::Route'],
  execution: (arns) => [
    creates(arns, 'ec2:CreateRoute', 'ec2:CreateRouteTable'),
    changesTagged(arns, 'ec2:DeleteRoute', 'ec2:DeleteRouteTable', 'ec2:ReplaceRoute'),
  ],
  deployer: (arns) => [
    see(arns, down('ec2:DescribeRouteTables')),
    deletesTagged(arns, 'route-table', down('ec2:DeleteRouteTable')),
  ],
};

const internetGateways: ResourceKind = {
  name: 'internet gateways',
  types: ['AWS::EC2::InternetGateway', 'AWS::EC2::VPCGatewayAttachment'],
  execution: (arns) => [
    creates(arns, 'ec2:AttachInternetGateway', 'ec2:CreateInternetGateway'),
    changesTagged(arns, 'ec2:DeleteInternetGateway', 'ec2:DetachInternetGateway'),
  ],
  deployer: (arns) => [
    see(arns, down('ec2:DescribeInternetGateways')),
    deletesTagged(arns, 'internet-gateway', down('ec2:DeleteInternetGateway', 'ec2:DetachInternetGateway')),
  ],
};

const vpcs: ResourceKind = {
  name: 'VPCs',
  types: ['AWS::EC2::VPC'],
  execution: (arns) => [
    creates(arns, 'ec2:CreateVpc', 'ec2:ModifyVpcAttribute'),
    changesTagged(arns, 'ec2:DeleteVpc'),
    reads(arns, 'ec2:Describe*'),
  ],
  deployer: (arns) => [
    see(arns, convoke(['check', 'up', 'down'], 'ec2:DescribeVpcs')),
    deletesTagged(arns, 'vpc', down('ec2:DeleteVpc')),
  ],
};

/** In the order of deletion. */
export const networkKinds = [
  guardDutyEndpoints,
  guardDutySecurityGroups,
  networkInterfaces,
  securityGroups,
  subnets,
  routeTables,
  internetGateways,
  vpcs,
];
