import {
  AutoScalingClient,
  DeleteAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  DeleteLaunchTemplateCommand,
  DeleteSnapshotCommand,
  DeleteVolumeCommand,
  DeregisterImageCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeLaunchTemplatesCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { DEPLOYMENT_TAG } from '../../contract/tags.js';
import { client } from '../clients.js';
import { byTag, taggedFilter } from './by-tag.js';
import type { Kind } from './kind.js';

export const groups: Kind = {
  name: 'Auto Scaling groups',
  async find(account, { deployment }) {
    const { AutoScalingGroups = [] } = await client(account, AutoScalingClient).send(
      new DescribeAutoScalingGroupsCommand({ Filters: [taggedFilter(deployment)] }),
    );
    return AutoScalingGroups.filter((group) =>
      group.Tags?.some((tag) => tag.Key === DEPLOYMENT_TAG && tag.Value === deployment),
    ).flatMap(({ AutoScalingGroupName }) => AutoScalingGroupName ?? []);
  },
  async remove(account, id) {
    await client(account, AutoScalingClient).send(
      new DeleteAutoScalingGroupCommand({ AutoScalingGroupName: id, ForceDelete: true }),
    );
  },
};

const NOT_TERMINATED = {
  Name: 'instance-state-name',
  Values: ['pending', 'running', 'shutting-down', 'stopping', 'stopped'],
};

/** A machine that is shut down may take minutes until it is terminated, and its disk with it. */
export const machines: Kind = {
  ...byTag(
    'machines',
    async (ec2, filter) => {
      const answer = await ec2.send(new DescribeInstancesCommand({ Filters: [filter, NOT_TERMINATED] }));
      return (answer.Reservations ?? [])
        .flatMap(({ Instances = [] }) => Instances)
        .map(({ InstanceId }) => InstanceId);
    },
    (ec2, id) => ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] })),
  ),
  rounds: 60,
};

const launchTemplates = byTag(
  'launch templates',
  async (ec2, filter) => {
    const answer = await ec2.send(new DescribeLaunchTemplatesCommand({ Filters: [filter] }));
    return (answer.LaunchTemplates ?? []).map(({ LaunchTemplateId }) => LaunchTemplateId);
  },
  (ec2, id) => ec2.send(new DeleteLaunchTemplateCommand({ LaunchTemplateId: id })),
);

const volumes = byTag(
  'disks',
  async (ec2, filter) => {
    const answer = await ec2.send(new DescribeVolumesCommand({ Filters: [filter] }));
    return (answer.Volumes ?? []).map(({ VolumeId }) => VolumeId);
  },
  (ec2, id) => ec2.send(new DeleteVolumeCommand({ VolumeId: id })),
);

const images = byTag(
  'machine images',
  async (ec2, filter) => {
    const answer = await ec2.send(new DescribeImagesCommand({ Owners: ['self'], Filters: [filter] }));
    return (answer.Images ?? []).map(({ ImageId }) => ImageId);
  },
  (ec2, id) => ec2.send(new DeregisterImageCommand({ ImageId: id })),
);

const snapshots = byTag(
  'snapshots of disks',
  async (ec2, filter) => {
    const answer = await ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'], Filters: [filter] }));
    return (answer.Snapshots ?? []).map(({ SnapshotId }) => SnapshotId);
  },
  (ec2, id) => ec2.send(new DeleteSnapshotCommand({ SnapshotId: id })),
);

export const computeKinds: readonly Kind[] = [groups, machines, launchTemplates, volumes, images, snapshots];
