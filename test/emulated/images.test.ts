import {
  CreateImageCommand,
  type CreateImageCommandInput,
  CreateLaunchTemplateCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DeleteSnapshotCommand,
  DeregisterImageCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeSnapshotsCommand,
  RunInstancesCommand,
  type RunInstancesCommandInput,
  StopInstancesCommand,
  type Tag,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import pWaitFor from 'p-wait-for';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KINDS } from '../../src/cloud/sweep/sweep.js';
import { EmulatedAccount } from './control-plane/account.js';

const DEBIAN_ARM = 'ami-0deb1300000000a64';
const OWN: Tag = { Key: 'convoke:deployment', Value: 'meet' };

const until = (condition: () => Promise<boolean>) => pWaitFor(condition, { interval: 50, timeout: 20_000 });

describe('machine images', () => {
  let account: EmulatedAccount;
  let subnet: string;
  let group: string;
  /** A machine that nothing changes. */
  let idle: string;

  beforeAll(async () => {
    account = await EmulatedAccount.start({ settle: 0 });
    const { ec2 } = account.clients();
    const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.20.0.0/16' }));
    const network = { VpcId: Vpc?.VpcId };
    const made = await ec2.send(
      new CreateSubnetCommand({ ...network, CidrBlock: '10.20.0.0/24', AvailabilityZone: 'eu-central-1b' }),
    );
    subnet = made.Subnet?.SubnetId ?? '';
    const { GroupId } = await ec2.send(
      new CreateSecurityGroupCommand({ ...network, GroupName: 'builder', Description: 'builder' }),
    );
    group = GroupId ?? '';
    await template('builder', DEBIAN_ARM);
    idle = await started();
  }, 300_000);
  afterAll(() => account?.stop());

  const template = (name: string, image: string) =>
    account.clients().ec2.send(
      new CreateLaunchTemplateCommand({
        LaunchTemplateName: name,
        LaunchTemplateData: {
          ImageId: image,
          InstanceType: 't4g.medium',
          InstanceInitiatedShutdownBehavior: 'terminate',
          NetworkInterfaces: [
            { DeviceIndex: 0, SubnetId: subnet, Groups: [group], AssociatePublicIpAddress: true },
          ],
          TagSpecifications: [
            { ResourceType: 'instance', Tags: [OWN, { Key: 'Name', Value: 'of the template' }] },
            { ResourceType: 'volume', Tags: [OWN] },
          ],
        },
      }),
    );
  const run = (input: Partial<RunInstancesCommandInput> = {}) =>
    account.clients().ec2.send(
      new RunInstancesCommand({
        LaunchTemplate: { LaunchTemplateName: 'builder', Version: '1' },
        MinCount: 1,
        MaxCount: 1,
        ...input,
      }),
    );
  const machine = async (id: string) => {
    const { Reservations } = await account
      .clients()
      .ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
    return Reservations?.[0]?.Instances?.[0];
  };
  const isIn = (id: string, state: string) => until(async () => (await machine(id))?.State?.Name === state);
  const started = async (): Promise<string> => {
    const { Instances } = await run();
    const id = Instances?.[0]?.InstanceId ?? '';
    await isIn(id, 'running');
    return id;
  };
  const create = async (input: CreateImageCommandInput) =>
    (await account.clients().ec2.send(new CreateImageCommand(input))).ImageId ?? '';
  const image = async (id: string) =>
    (await account.clients().ec2.send(new DescribeImagesCommand({ ImageIds: [id] }))).Images?.[0];
  const available = (id: string) => until(async () => (await image(id))?.State === 'available');
  const deregister = (id: string) => account.clients().ec2.send(new DeregisterImageCommand({ ImageId: id }));

  it('are made of a stopped machine, which a launch template alone describes', async () => {
    const { ec2 } = account.clients();
    const request = {
      ClientToken: 'bake-1',
      TagSpecifications: [
        { ResourceType: 'instance' as const, Tags: [{ Key: 'Name', Value: 'of the call' }] },
      ],
    };
    const { Instances } = await run(request);
    const [born] = Instances ?? [];
    expect(born).toMatchObject({
      State: { Name: 'pending' },
      ImageId: DEBIAN_ARM,
      InstanceType: 't4g.medium',
      SubnetId: subnet,
      Placement: { AvailabilityZone: 'eu-central-1b' },
      SecurityGroups: [{ GroupId: group }],
      ClientToken: 'bake-1',
    });
    expect(born?.Tags).toEqual(
      expect.arrayContaining([
        OWN,
        { Key: 'Name', Value: 'of the call' },
        { Key: 'aws:ec2launchtemplate:version', Value: '1' },
      ]),
    );
    const id = born?.InstanceId ?? '';
    expect((await run(request)).Instances?.map(({ InstanceId }) => InstanceId)).toEqual([id]);
    await expect(run({ ...request, TagSpecifications: [] })).rejects.toMatchObject({
      name: 'IdempotentParameterMismatch',
    });

    await isIn(id, 'running');
    const { StoppingInstances } = await ec2.send(new StopInstancesCommand({ InstanceIds: [id] }));
    expect(StoppingInstances?.[0]).toMatchObject({
      CurrentState: { Name: 'stopping' },
      PreviousState: { Name: 'running' },
    });
    await isIn(id, 'stopped');
    const ami = await create({
      InstanceId: id,
      Name: 'meet 1',
      Description: 'Jitsi & more',
      TagSpecifications: [
        { ResourceType: 'image', Tags: [OWN] },
        { ResourceType: 'snapshot', Tags: [OWN, { Key: 'of', Value: 'bake' }] },
      ],
    });
    const described = await image(ami);
    expect(described).toMatchObject({
      Name: 'meet 1',
      Description: 'Jitsi & more',
      Architecture: 'arm64',
      RootDeviceType: 'ebs',
      Public: false,
      Tags: [OWN],
      SourceInstanceId: id,
      BlockDeviceMappings: [{ Ebs: { SnapshotId: expect.stringMatching(/^snap-[0-9a-f]{17}$/) } }],
    });
    expect(Date.now() - Date.parse(described?.CreationDate ?? '')).toBeLessThan(10_000);
    const ofSnapshot = { Filters: [{ Name: 'tag:of', Values: ['bake'] }], OwnerIds: ['self'] };
    await available(ami);
    const { Snapshots } = await ec2.send(new DescribeSnapshotsCommand(ofSnapshot));
    expect(Snapshots).toMatchObject([
      { SnapshotId: described?.BlockDeviceMappings?.[0]?.Ebs?.SnapshotId, State: 'completed' },
    ]);
    const own = await ec2.send(
      new DescribeImagesCommand({
        Owners: ['self'],
        Filters: [
          { Name: `tag:${OWN.Key}`, Values: ['meet'] },
          { Name: 'state', Values: ['available'] },
        ],
      }),
    );
    expect(own.Images?.map(({ ImageId }) => ImageId)).toEqual([ami]);
    expect((await machine(id))?.State?.Name).toBe('stopped');
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    await isIn(id, 'terminated');
    await expect(run(request)).rejects.toMatchObject({ name: 'IdempotentInstanceTerminated' });
    expect((await image(ami))?.State).toBe('available');
  }, 60_000);

  it('stop a running machine meanwhile, unless it must not reboot', async () => {
    const id = await started();
    const [still, quiet] = [
      await create({ InstanceId: id, Name: 'live', NoReboot: true }),
      await create({ InstanceId: id, Name: 'at rest' }),
    ];
    expect((await machine(id))?.State?.Name).toBe('running');
    await available(still);
    await available(quiet);
    await isIn(id, 'running');
  }, 60_000);

  it('can be launched until they are deregistered', async () => {
    const { ec2 } = account.clients();
    const ami = await create({ InstanceId: idle, Name: 'for a launch', NoReboot: true });
    await template('baked', ami);
    const launch = () => run({ LaunchTemplate: { LaunchTemplateName: 'baked' } });
    await available(ami);
    const { Instances } = await launch();
    expect(Instances?.[0]?.ImageId).toBe(ami);
    await expect(
      run({ LaunchTemplate: { LaunchTemplateName: 'baked' }, InstanceType: 't3.medium' }),
    ).rejects.toThrow(/'x86_64' of the specified instance type does not match the architecture 'arm64'/);
    const snapshot = (await image(ami))?.BlockDeviceMappings?.[0]?.Ebs?.SnapshotId;
    const remove = () => ec2.send(new DeleteSnapshotCommand({ SnapshotId: snapshot }));
    await expect(remove()).rejects.toMatchObject({
      name: 'InvalidSnapshot.InUse',
      message: `The snapshot ${snapshot} is currently in use by ${ami}`,
    });
    await deregister(ami);
    await remove();
    await expect(remove()).rejects.toMatchObject({ name: 'InvalidSnapshot.NotFound' });
    // While there is a machine of it, its id is known.
    expect(await image(ami)).toBeUndefined();
    await expect(launch()).rejects.toMatchObject({
      name: 'InvalidAMIID.NotFound',
      message: `The image id '[${ami}]' does not exist`,
    });
    await expect(deregister(ami)).rejects.toMatchObject({ name: 'InvalidAMIID.NotFound' });
    await expect(image('ami-0123456789abcdef9')).rejects.toMatchObject({ name: 'InvalidAMIID.NotFound' });
  }, 60_000);

  it.each([
    ['a name that is taken', { Name: 'taken' }, 'InvalidAMIName.Duplicate'],
    ['a name that is too short', { Name: 'm' }, 'InvalidAMIName.Malformed'],
    [
      'a machine that does not exist',
      { Name: 'new', InstanceId: 'i-0123456789abcdef0' },
      'InvalidInstanceID.NotFound',
    ],
    [
      'tags of another resource',
      { Name: 'new', TagSpecifications: [{ ResourceType: 'volume' as const, Tags: [OWN] }] },
      'InvalidParameterValue',
    ],
  ])('are refused with %s', async (_, input, name) => {
    const id = idle;
    if (name.endsWith('Duplicate')) await create({ InstanceId: id, Name: 'taken', NoReboot: true });
    await expect(create({ InstanceId: id, ...input })).rejects.toMatchObject({ name });
  });

  it.each([
    [
      'a template that does not exist',
      { LaunchTemplate: { LaunchTemplateName: 'none' } },
      'InvalidLaunchTemplateName.NotFoundException',
    ],
    [
      'a version that does not exist',
      { LaunchTemplate: { LaunchTemplateName: 'builder', Version: '7' } },
      'InvalidLaunchTemplateId.VersionNotFound',
    ],
    ['a subnet besides that of the template', { SubnetId: 'subnet-0' }, 'InvalidParameterCombination'],
    ['a setting that is not simulated', { EbsOptimized: true }, 'UnsupportedOperation'],
    ['a request that only asks', { DryRun: true }, 'DryRunOperation'],
  ])('a launch is refused with %s', async (_, input, name) => {
    await expect(run(input)).rejects.toMatchObject({ name });
  });

  it('are found and removed by the sweep of a deployment, images before snapshots', async () => {
    const target = { deployment: 'meet', domain: 'meet.example.org' };
    const names = ['machine images', 'snapshots of disks'];
    const kinds = KINDS.filter(({ name }) => names.includes(name));
    expect(kinds.map(({ name }) => name)).toEqual(names);
    for (const kind of kinds) {
      const found = await kind.find(account.account(), target);
      expect(found).toHaveLength(1);
      for (const id of found) await kind.remove(account.account(), id, target);
      expect(await kind.find(account.account(), target)).toEqual([]);
    }
  });
});
