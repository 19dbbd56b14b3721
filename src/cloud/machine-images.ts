import {
  CreateImageCommand,
  DeleteSnapshotCommand,
  DeregisterImageCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  EC2Client,
  type Image,
  type Instance,
  RunInstancesCommand,
  type Tag,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { imageBuilderName } from '../contract/names.js';
import {
  BASE_TAG,
  CONTENTS_TAG,
  DEPLOYMENT_TAG,
  IMAGE_BUILDER,
  RELEASE_TAG,
  ROLE_TAG,
} from '../contract/tags.js';
import type { Account } from './account.js';
import { client, ifThere } from './clients.js';

/** A machine image of a deployment. */
export interface MachineImage {
  readonly id: string;
  /** EC2: `pending`, `available`, `failed`, … */
  readonly state: string;
  /** Why it failed, in the words of AWS; may be empty. */
  readonly reason: string;
  readonly created: Date;
  /** What it contains, see `imageContents`. */
  readonly contents: string;
  /** Release of Jitsi that it contains. */
  readonly release: string;
  /** Id of the image of Debian that it was made from. */
  readonly base: string;
  readonly snapshots: readonly string[];
}

/** A machine from which a machine image is made. */
export interface ImageBuilder {
  readonly id: string;
  /** EC2: `pending`, `running`, `shutting-down`, `stopping`, `stopped`. */
  readonly state: string;
  readonly contents: string;
  readonly release: string;
  readonly base: string;
}

const tagOf = (tags: readonly Tag[] | undefined, key: string): string =>
  tags?.find((tag) => tag.Key === key)?.Value ?? '';

/** The machine images of a deployment, newest first. */
export async function machineImages(account: Account, deployment: string): Promise<MachineImage[]> {
  const answer = await client(account, EC2Client).send(
    new DescribeImagesCommand({
      Owners: ['self'],
      Filters: [{ Name: `tag:${DEPLOYMENT_TAG}`, Values: [deployment] }],
    }),
  );
  return (answer.Images ?? []).map(imageOf).sort((a, b) => b.created.getTime() - a.created.getTime());
}

const imageOf = (image: Image): MachineImage => ({
  id: image.ImageId ?? '',
  state: image.State ?? '',
  reason: image.StateReason?.Message ?? '',
  created: new Date(image.CreationDate ?? 0),
  contents: tagOf(image.Tags, CONTENTS_TAG),
  release: tagOf(image.Tags, RELEASE_TAG),
  base: tagOf(image.Tags, BASE_TAG),
  snapshots: (image.BlockDeviceMappings ?? []).flatMap(({ Ebs }) => Ebs?.SnapshotId ?? []),
});

/** The machines from which images of a deployment are being made, without those that have ended. */
export async function imageBuilders(account: Account, deployment: string): Promise<ImageBuilder[]> {
  const answer = await client(account, EC2Client).send(
    new DescribeInstancesCommand({
      Filters: [
        { Name: `tag:${DEPLOYMENT_TAG}`, Values: [deployment] },
        { Name: `tag:${ROLE_TAG}`, Values: [IMAGE_BUILDER] },
      ],
    }),
  );
  return (answer.Reservations ?? [])
    .flatMap(({ Instances = [] }) => Instances)
    .map(builderOf)
    .filter(({ state }) => state !== 'terminated');
}

const builderOf = (instance: Instance): ImageBuilder => ({
  id: instance.InstanceId ?? '',
  state: instance.State?.Name ?? '',
  contents: tagOf(instance.Tags, CONTENTS_TAG),
  release: tagOf(instance.Tags, RELEASE_TAG),
  base: instance.ImageId ?? '',
});

/** Launches the machine from which an image is made. `token`: a repeated request with it launches no second one. */
export async function launchImageBuilder(account: Account, deployment: string, token: string): Promise<void> {
  await client(account, EC2Client).send(
    new RunInstancesCommand({
      LaunchTemplate: { LaunchTemplateName: imageBuilderName(deployment), Version: '$Latest' },
      MinCount: 1,
      MaxCount: 1,
      ClientToken: token,
    }),
  );
}

/**
 * Makes an image of a machine's disk while the machine runs: it has written everything to its disk and does nothing any more. A
 * restart would give it an identity again, which the image must not have.
 */
export async function createMachineImage(
  account: Account,
  deployment: string,
  builder: ImageBuilder,
): Promise<void> {
  const name = `${imageBuilderName(deployment)}-${account.clock.now().toISOString().replace(/\D/g, '').slice(0, 14)}`;
  const tags = [
    { Key: 'Name', Value: name },
    { Key: DEPLOYMENT_TAG, Value: deployment },
    { Key: CONTENTS_TAG, Value: builder.contents },
    { Key: RELEASE_TAG, Value: builder.release },
    { Key: BASE_TAG, Value: builder.base },
  ];
  await client(account, EC2Client).send(
    new CreateImageCommand({
      InstanceId: builder.id,
      Name: name,
      Description: `Debian with release ${builder.release} of Jitsi, made by convoke`,
      NoReboot: true,
      TagSpecifications: [
        { ResourceType: 'image', Tags: tags },
        { ResourceType: 'snapshot', Tags: tags },
      ],
    }),
  );
}

export async function terminateImageBuilder(account: Account, id: string): Promise<void> {
  await ifThere(client(account, EC2Client).send(new TerminateInstancesCommand({ InstanceIds: [id] })));
}

/** Ends all machines from which images of a deployment are being made. */
export async function terminateImageBuilders(account: Account, deployment: string): Promise<void> {
  for (const { id } of await imageBuilders(account, deployment)) await terminateImageBuilder(account, id);
}

/** Removes an image and its snapshots. */
export async function removeMachineImage(account: Account, image: MachineImage): Promise<void> {
  const ec2 = client(account, EC2Client);
  await ifThere(ec2.send(new DeregisterImageCommand({ ImageId: image.id })));
  for (const SnapshotId of image.snapshots)
    await ifThere(ec2.send(new DeleteSnapshotCommand({ SnapshotId })));
}
