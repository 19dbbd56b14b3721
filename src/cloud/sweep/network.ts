import {
  DeleteInternetGatewayCommand,
  DeleteNetworkInterfaceCommand,
  DeleteRouteTableCommand,
  DeleteSecurityGroupCommand,
  DeleteSubnetCommand,
  DeleteVpcCommand,
  DescribeInternetGatewaysCommand,
  DescribeNetworkInterfacesCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  DetachInternetGatewayCommand,
  type EC2Client,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';
import { byTag } from './by-tag.js';
import { guardDutyKinds } from './guard-duty.js';
import type { Kind } from './kind.js';

export const networkInterfaces = byTag(
  'network interfaces',
  async (ec2, filter) => {
    const answer = await ec2.send(new DescribeNetworkInterfacesCommand({ Filters: [filter] }));
    return (answer.NetworkInterfaces ?? []).map(({ NetworkInterfaceId }) => NetworkInterfaceId);
  },
  (ec2, id) => ec2.send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId: id })),
);

const securityGroups = byTag(
  'security groups',
  async (ec2, filter) => {
    const answer = await ec2.send(new DescribeSecurityGroupsCommand({ Filters: [filter] }));
    return (answer.SecurityGroups ?? [])
      .filter(({ GroupName }) => GroupName !== 'default')
      .map(({ GroupId }) => GroupId);
  },
  async (ec2, id) => {
    await forgetOtherGroups(ec2, id);
    await ec2.send(new DeleteSecurityGroupCommand({ GroupId: id }));
  },
);

/**
 * Revokes a security group's rules that reference groups. EC2 does not delete a group that another group's rule
 * references, and the groups of load balancers and machines reference each other.
 */
async function forgetOtherGroups(ec2: EC2Client, GroupId: string): Promise<void> {
  const { SecurityGroupRules = [] } = await ec2.send(
    new DescribeSecurityGroupRulesCommand({ Filters: [{ Name: 'group-id', Values: [GroupId] }] }),
  );
  const naming = SecurityGroupRules.filter(({ ReferencedGroupInfo }) => ReferencedGroupInfo);
  const ids = (isEgress: boolean) =>
    naming
      .filter(({ IsEgress }) => Boolean(IsEgress) === isEgress)
      .flatMap((rule) => rule.SecurityGroupRuleId ?? []);
  const [inward, outward] = [ids(false), ids(true)];
  if (inward.length > 0)
    await ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId, SecurityGroupRuleIds: inward }));
  if (outward.length > 0)
    await ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId, SecurityGroupRuleIds: outward }));
}

const subnets = byTag(
  'subnets',
  async (ec2, filter) => {
    const answer = await ec2.send(new DescribeSubnetsCommand({ Filters: [filter] }));
    return (answer.Subnets ?? []).map(({ SubnetId }) => SubnetId);
  },
  (ec2, id) => ec2.send(new DeleteSubnetCommand({ SubnetId: id })),
);

const routeTables = byTag(
  'route tables',
  async (ec2, filter) => {
    const answer = await ec2.send(new DescribeRouteTablesCommand({ Filters: [filter] }));
    return (answer.RouteTables ?? []).map(({ RouteTableId }) => RouteTableId);
  },
  (ec2, id) => ec2.send(new DeleteRouteTableCommand({ RouteTableId: id })),
);

const internetGateways = byTag(
  'internet gateways',
  async (ec2, filter) => {
    const answer = await ec2.send(new DescribeInternetGatewaysCommand({ Filters: [filter] }));
    return (answer.InternetGateways ?? []).map(({ InternetGatewayId }) => InternetGatewayId);
  },
  async (ec2, id) => {
    const answer = await ec2.send(new DescribeInternetGatewaysCommand({ InternetGatewayIds: [id] }));
    for (const { VpcId } of answer.InternetGateways?.[0]?.Attachments ?? [])
      await ec2.send(new DetachInternetGatewayCommand({ InternetGatewayId: id, VpcId }));
    await ec2.send(new DeleteInternetGatewayCommand({ InternetGatewayId: id }));
  },
);

const vpcs = byTag(
  'VPCs',
  async (ec2, filter) => {
    const answer = await ec2.send(new DescribeVpcsCommand({ Filters: [filter] }));
    return (answer.Vpcs ?? []).map(({ VpcId }) => VpcId);
  },
  (ec2, id) => ec2.send(new DeleteVpcCommand({ VpcId: id })),
);

export const networkKinds: readonly Kind[] = [
  ...guardDutyKinds,
  networkInterfaces,
  securityGroups,
  subnets,
  routeTables,
  internetGateways,
  vpcs,
];
