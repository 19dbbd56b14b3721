import {
  Aws,
  aws_ec2 as ec2,
  aws_iam as iam,
  Stack,
  type aws_secretsmanager as secrets,
  Tags,
} from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Ssh } from '../config/deployment.js';
import type { Hours } from '../config/hours.js';
import type { PrometheusAccess } from '../config/prometheus.js';
import { isSingleMachine, type MachineSpec } from '../contract/machine-spec.js';
import { METRICS_NAMESPACE } from '../contract/metrics.js';
import { machineRoleName, SESSION_ACTIONS } from '../contract/names.js';
import { PORTS } from '../contract/ports.js';
import { BUNDLE_TAG, RELEASE_TAG } from '../contract/tags.js';
import { userData } from '../node/user-data.js';
import type { MachineLogs } from './machine-logs.js';
import type { NodeAssets } from './node-assets.js';

/** Properties of every group of machines of a deployment. */
export interface MachineProps {
  readonly vpc: ec2.IVpc;
  /** Public subnets for the machines, one in each availability zone. */
  readonly subnets: readonly ec2.ISubnet[];
  /** Name of the deployment: prefix of the group's name. */
  readonly deployment: string;
  readonly domain: string;
  readonly image: ec2.IMachineImage;
  /** Secrets from which passwords are derived. */
  readonly secrets: {
    /** For machines of shards. */
    readonly shards: secrets.ISecret;
    /** For bridges; shards, where bridges log in, read it, too. */
    readonly bridges: secrets.ISecret;
    /** The client's secret at the provider where hosts sign in. For shards, whose agents read it at each sign-in. */
    readonly login?: secrets.ISecret;
    /** For recorders; shards, where recorders log in, read it, too. */
    readonly recorders?: secrets.ISecret;
  };
  readonly assets: NodeAssets;
  readonly logs: MachineLogs;
  /** Who may log in by SSH. Default: nobody. */
  readonly ssh?: Ssh;
  /** Which networks may read metrics. Default: none. */
  readonly prometheus?: PrometheusAccess;
  /** When the deployment is open. Default: always. */
  readonly hours?: Hours | undefined;
  /** Whether Session Manager can open a shell. */
  readonly shell: boolean;
}

/** The disk of every machine. Debian's images boot from /dev/xvda. */
export const SYSTEM_DISK = disk(12);

/** A disk of that many GB. */
export function disk(size: number): ec2.BlockDevice {
  return {
    deviceName: '/dev/xvda',
    volume: ec2.BlockDeviceVolume.ebs(size, { encrypted: true, volumeType: ec2.EbsDeviceVolumeType.GP3 }),
  };
}

type Common =
  | 'deployment'
  | 'domain'
  | 'region'
  | 'secret'
  | 'bridgeSecret'
  | 'recorderSecret'
  | 'packages'
  | 'release'
  | 'shell'
  | 'prometheus'
  | 'metrics'
  | 'logs';
/** A machine specification without the fields that are the same for all machines of a role. */
export type OwnSpec = MachineSpec extends infer Spec
  ? Spec extends MachineSpec
    ? Omit<Spec, Common>
    : never
  : never;

export interface LaunchProps extends MachineProps {
  /** Purpose of the machines, for descriptions. */
  readonly purpose: string;
  readonly instanceType: string;
  readonly securityGroup: ec2.ISecurityGroup;
  readonly spec: OwnSpec;
  /** Default: {@link SYSTEM_DISK}. */
  readonly disk?: ec2.BlockDevice;
}

/** A security group for machines that admits only the configured ranges for SSH and Prometheus. */
export function machineSecurityGroup(
  scope: Construct,
  {
    vpc,
    deployment,
    ssh,
    prometheus,
    purpose,
  }: Pick<LaunchProps, 'vpc' | 'deployment' | 'ssh' | 'prometheus' | 'purpose'>,
): ec2.SecurityGroup {
  const group = new ec2.SecurityGroup(scope, 'SecurityGroup', {
    vpc,
    description: `convoke ${deployment}: ${purpose}`,
  });
  for (const { name, range } of ssh?.from ?? []) {
    const peer = range.includes(':') ? ec2.Peer.ipv6(range) : ec2.Peer.ipv4(range);
    group.addIngressRule(peer, ec2.Port.SSH, `SSH from ${name}`);
  }
  for (const { name, range } of prometheus?.from ?? [])
    group.addIngressRule(ec2.Peer.ipv4(range), ec2.Port.tcp(PORTS.prometheus), `metrics to ${name}`);
  return group;
}

/** The launch template of a group: image, role, security group, disk, and user data. */
export function launch(scope: Construct, props: LaunchProps): ec2.LaunchTemplate {
  const template = new ec2.LaunchTemplate(scope, 'Template', {
    machineImage: props.image,
    instanceType: new ec2.InstanceType(props.instanceType),
    instanceProfile: machineProfile(scope, props),
    securityGroup: props.securityGroup,
    ...(props.ssh && { keyPair: ec2.KeyPair.fromKeyPairName(scope, 'Key', props.ssh.key) }),
    associatePublicIpAddress: true,
    requireImdsv2: true,
    httpPutResponseHopLimit: 1,
    userData: ec2.UserData.custom(launchScript(Stack.of(scope), props)),
    blockDevices: [props.disk ?? SYSTEM_DISK],
  });
  // Tags of the template's version, not of the group: a machine keeps what it was launched with.
  const { release, bundle } = props.assets;
  if (release) Tags.of(template).add(RELEASE_TAG, release.name);
  Tags.of(template).add(BUNDLE_TAG, bundle);
  return template;
}

/** The instance profile with the machines' role. */
function machineProfile(scope: Construct, props: LaunchProps): iam.InstanceProfile {
  return new iam.InstanceProfile(scope, 'Profile', {
    instanceProfileName: machineRoleName(props.spec.group, Stack.of(scope).region),
    role: machineRole(scope, props),
  });
}

/**
 * Permissions of the machine: read its bundle and its role's secrets, publish metrics, write logs, list other machines, report
 * itself unhealthy, and complete its lifecycle actions.
 */
function machineRole(scope: Construct, props: LaunchProps): iam.Role {
  const role = new iam.Role(scope, 'Role', {
    roleName: machineRoleName(props.spec.group, Stack.of(scope).region),
    assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com'),
    description: `convoke ${props.deployment}: what ${props.purpose} may do`,
  });
  props.assets.grantRead(role, props.spec);
  props.logs.grantWrite(role);
  for (const secret of secretsOf(props)) secret.grantRead(role);
  const { group, hook } = props.spec;
  role.addToPolicy(
    new iam.PolicyStatement({
      sid: 'PublishMetrics',
      actions: ['cloudwatch:PutMetricData'],
      // This action supports no resources; the namespace is its only limit.
      resources: ['*'],
      conditions: { StringEquals: { 'cloudwatch:namespace': METRICS_NAMESPACE } },
    }),
  );
  role.addToPolicy(
    new iam.PolicyStatement({
      sid: 'LifeInOwnGroup',
      actions: [
        'autoscaling:SetInstanceHealth',
        'autoscaling:CompleteLifecycleAction',
        ...(hook ? ['autoscaling:RecordLifecycleActionHeartbeat'] : []),
        ...(props.spec.role === 'recorder' ? ['autoscaling:SetInstanceProtection'] : []),
      ],
      resources: [
        `arn:${Aws.PARTITION}:autoscaling:${Aws.REGION}:${Aws.ACCOUNT_ID}:autoScalingGroup:*:autoScalingGroupName/${group}`,
      ],
    }),
  );
  if (props.shell) {
    role.addToPolicy(
      new iam.PolicyStatement({
        sid: 'SessionsOfAdministrators',
        actions: [...SESSION_ACTIONS],
        // The actions of ssmmessages support no resources, and the agent names none that exists before it registers.
        resources: ['*'],
        conditions: { StringEquals: { 'aws:RequestedRegion': Aws.REGION } },
      }),
    );
  }
  if (!isSingleMachine(props.spec)) {
    role.addToPolicy(
      new iam.PolicyStatement({
        sid: 'ReadClusterMembers',
        actions: ['ec2:DescribeInstances'],
        // This action supports neither resources nor tags; the region is its only limit.
        resources: ['*'],
        conditions: { StringEquals: { 'aws:RequestedRegion': Aws.REGION } },
      }),
    );
  }
  return role;
}

/** What machines of a role read: bridges and recorders only their own. */
function secretsOf({ spec, secrets }: LaunchProps): secrets.ISecret[] {
  const { shards, bridges, login, recorders } = secrets;
  const recording = recorders ? [recorders] : [];
  switch (spec.role) {
    case 'shard':
      return [bridges, shards, ...(login ? [login] : []), ...recording];
    case 'bridge':
      return [bridges];
    case 'recorder':
      return recording;
  }
}

/** The names of secrets that a machine of the role needs. */
function withSecrets(spec: OwnSpec, { shards, bridges, recorders }: MachineProps['secrets']) {
  const bridgeSecret = bridges.secretArn;
  switch (spec.role) {
    case 'shard':
      return { ...spec, secret: shards.secretArn, bridgeSecret };
    case 'bridge':
      return { ...spec, bridgeSecret };
    case 'recorder':
      return { ...spec, recorderSecret: recorders?.secretArn ?? '' };
  }
}

function launchScript(stack: Stack, props: LaunchProps): string {
  const spec = {
    deployment: props.deployment,
    domain: props.domain,
    region: stack.region,
    ...withSecrets(props.spec, props.secrets),
    packages: props.assets.packages,
    ...(props.assets.release && { release: props.assets.release }),
    ...(props.shell && { shell: true }),
    ...(props.prometheus && { prometheus: true }),
    metrics: METRICS_NAMESPACE,
    logs: { group: props.logs.group.logGroupName, diagnostics: props.logs.diagnostics },
  } satisfies MachineSpec;
  return userData({
    spec: stack.toJsonString(spec),
    region: stack.region,
    files: props.assets.bundleFor(spec),
  });
}
