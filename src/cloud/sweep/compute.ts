import {
  AutoScalingClient,
  DeleteAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  DeleteInternetGatewayCommand,
  DeleteLaunchTemplateCommand,
  DeleteNetworkInterfaceCommand,
  DeleteRouteTableCommand,
  DeleteSecurityGroupCommand,
  DeleteSnapshotCommand,
  DeleteSubnetCommand,
  DeleteVolumeCommand,
  DeleteVpcCommand,
  DeregisterImageCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeInternetGatewaysCommand,
  DescribeLaunchTemplatesCommand,
  DescribeNetworkInterfacesCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSnapshotsCommand,
  DescribeSubnetsCommand,
  DescribeVolumesCommand,
  DescribeVpcsCommand,
  DetachInternetGatewayCommand,
  EC2Client,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { DEPLOYMENT_TAG } from '../../contract/tags.js';
import type { Account } from '../account.js';
import { client } from '../clients.js';
import { guardDutyKinds } from './guard-duty.js';
import type { Kind, Target } from './kind.js';

const tagged = ({ deployment }: Target) => ({
  Filters: [{ Name: `tag:${DEPLOYMENT_TAG}`, Values: [deployment] }],
});
const ids = <T>(things: readonly T[] | undefined, id: (thing: T) => string | undefined): string[] =>
  (things ?? []).map(id).filter((found): found is string => Boolean(found));

const groups: Kind = {
  name: 'Auto Scaling groups',
  async find(account, { deployment }) {
    const answer = await client(account, AutoScalingClient).send(
      new DescribeAutoScalingGroupsCommand({
        Filters: [{ Name: `tag:${DEPLOYMENT_TAG}`, Values: [deployment] }],
      }),
    );
    const own = (answer.AutoScalingGroups ?? []).filter((group) =>
      group.Tags?.some((tag) => tag.Key === DEPLOYMENT_TAG && tag.Value === deployment),
    );
    return ids(own, (group) => group.AutoScalingGroupName);
  },
  async remove(account, id) {
    await client(account, AutoScalingClient).send(
      new DeleteAutoScalingGroupCommand({ AutoScalingGroupName: id, ForceDelete: true }),
    );
  },
};

const machines: Kind = {
  name: 'machines',
  async find(account, target) {
    const answer = await client(account, EC2Client).send(
      new DescribeInstancesCommand({
        Filters: [
          ...tagged(target).Filters,
          {
            Name: 'instance-state-name',
            Values: ['pending', 'running', 'shutting-down', 'stopping', 'stopped'],
          },
        ],
      }),
    );
    return ids(
      answer.Reservations?.flatMap((r) => r.Instances ?? []),
      (i) => i.InstanceId,
    );
  },
  async remove(account, id) {
    await client(account, EC2Client).send(new TerminateInstancesCommand({ InstanceIds: [id] }));
  },
};

const volumes: Kind = {
  name: 'disks',
  async find(account, target) {
    const answer = await client(account, EC2Client).send(new DescribeVolumesCommand(tagged(target)));
    return ids(answer.Volumes, (v) => v.VolumeId);
  },
  async remove(account, id) {
    await client(account, EC2Client).send(new DeleteVolumeCommand({ VolumeId: id }));
  },
};

const images: Kind = {
  name: 'machine images',
  async find(account, target) {
    const answer = await client(account, EC2Client).send(
      new DescribeImagesCommand({ Owners: ['self'], ...tagged(target) }),
    );
    return ids(answer.Images, (image) => image.ImageId);
  },
  async remove(account, id) {
    await client(account, EC2Client).send(new DeregisterImageCommand({ ImageId: id }));
  },
};

const snapshots: Kind = {
  name: 'snapshots of disks',
  async find(account, target) {
    const answer = await client(account, EC2Client).send(
      new DescribeSnapshotsCommand({ OwnerIds: ['self'], ...tagged(target) }),
    );
    return ids(answer.Snapshots, (snapshot) => snapshot.SnapshotId);
  },
  async remove(account, id) {
    await client(account, EC2Client).send(new DeleteSnapshotCommand({ SnapshotId: id }));
  },
};

const templates: Kind = {
  name: 'launch templates',
  async find(account, target) {
    const answer = await client(account, EC2Client).send(new DescribeLaunchTemplatesCommand(tagged(target)));
    return ids(answer.LaunchTemplates, (t) => t.LaunchTemplateId);
  },
  async remove(account, id) {
    await client(account, EC2Client).send(new DeleteLaunchTemplateCommand({ LaunchTemplateId: id }));
  },
};

const interfaces: Kind = {
  name: 'network interfaces',
  async find(account, target) {
    const answer = await client(account, EC2Client).send(
      new DescribeNetworkInterfacesCommand(tagged(target)),
    );
    return ids(answer.NetworkInterfaces, (n) => n.NetworkInterfaceId);
  },
  async remove(account, id) {
    await client(account, EC2Client).send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId: id }));
  },
};

const securityGroups: Kind = {
  name: 'security groups',
  async find(account, target) {
    const answer = await client(account, EC2Client).send(new DescribeSecurityGroupsCommand(tagged(target)));
    return ids(
      answer.SecurityGroups?.filter((g) => g.GroupName !== 'default'),
      (g) => g.GroupId,
    );
  },
  async remove(account, id) {
    await forgetOtherGroups(account, id);
    await client(account, EC2Client).send(new DeleteSecurityGroupCommand({ GroupId: id }));
  },
};

/**
 * Revokes a security group's rules that reference groups. EC2 does not delete a group that another group's rule
 * references, and the groups of load balancers and machines reference each other.
 */
async function forgetOtherGroups(account: Account, GroupId: string): Promise<void> {
  const ec2 = client(account, EC2Client);
  const { SecurityGroupRules = [] } = await ec2.send(
    new DescribeSecurityGroupRulesCommand({ Filters: [{ Name: 'group-id', Values: [GroupId] }] }),
  );
  const naming = SecurityGroupRules.filter(({ ReferencedGroupInfo }) => ReferencedGroupInfo);
  const inward = ids(
    naming.filter(({ IsEgress }) => !IsEgress),
    (rule) => rule.SecurityGroupRuleId,
  );
  const outward = ids(
    naming.filter(({ IsEgress }) => IsEgress),
    (rule) => rule.SecurityGroupRuleId,
  );
  if (inward.length > 0)
    await ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId, SecurityGroupRuleIds: inward }));
  if (outward.length > 0)
    await ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId, SecurityGroupRuleIds: outward }));
}

const subnets: Kind = {
  name: 'subnets',
  async find(account, target) {
    const answer = await client(account, EC2Client).send(new DescribeSubnetsCommand(tagged(target)));
    return ids(answer.Subnets, (s) => s.SubnetId);
  },
  async remove(account, id) {
    await client(account, EC2Client).send(new DeleteSubnetCommand({ SubnetId: id }));
  },
};

const routeTables: Kind = {
  name: 'route tables',
  async find(account, target) {
    const answer = await client(account, EC2Client).send(new DescribeRouteTablesCommand(tagged(target)));
    return ids(answer.RouteTables, (t) => t.RouteTableId);
  },
  async remove(account, id) {
    await client(account, EC2Client).send(new DeleteRouteTableCommand({ RouteTableId: id }));
  },
};

const gateways: Kind = {
  name: 'internet gateways',
  async find(account, target) {
    const answer = await client(account, EC2Client).send(new DescribeInternetGatewaysCommand(tagged(target)));
    return ids(answer.InternetGateways, (g) => g.InternetGatewayId);
  },
  async remove(account, id) {
    const ec2 = client(account, EC2Client);
    const answer = await ec2.send(new DescribeInternetGatewaysCommand({ InternetGatewayIds: [id] }));
    for (const attachment of answer.InternetGateways?.[0]?.Attachments ?? []) {
      await ec2.send(new DetachInternetGatewayCommand({ InternetGatewayId: id, VpcId: attachment.VpcId }));
    }
    await ec2.send(new DeleteInternetGatewayCommand({ InternetGatewayId: id }));
  },
};

const vpcs: Kind = {
  name: 'VPCs',
  async find(account, target) {
    const answer = await client(account, EC2Client).send(new DescribeVpcsCommand(tagged(target)));
    return ids(answer.Vpcs, (v) => v.VpcId);
  },
  async remove(account, id) {
    await client(account, EC2Client).send(new DeleteVpcCommand({ VpcId: id }));
  },
};

/** Resources that block the deletion of a VPC. */
export const holdingKinds: readonly Kind[] = [groups, machines, ...guardDutyKinds, interfaces];

/** In the order of deletion: a resource before those that it uses. */
export const computeKinds: readonly Kind[] = [groups, machines, templates, volumes, images, snapshots];
export const networkKinds: readonly Kind[] = [
  ...guardDutyKinds,
  interfaces,
  securityGroups,
  subnets,
  routeTables,
  gateways,
  vpcs,
];
