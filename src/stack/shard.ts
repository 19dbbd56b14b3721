import { aws_autoscaling as autoscaling, Duration, aws_ec2 as ec2, Tags } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { Access, Recording } from '../config/deployment.js';
import type { LoginSettings } from '../contract/login.js';
import type { MeetingSettings } from '../contract/meetings.js';
import { shardGroupName } from '../contract/names.js';
import { PORTS } from '../contract/ports.js';
import { ROLE_TAG, SHARD_TAG } from '../contract/tags.js';
import { MINUTES_TO_SERVE } from '../contract/template.js';
import { addDrainHook, DRAIN_HOOK } from './drain-hook.js';
import { launch, type MachineProps, machineSecurityGroup } from './launch.js';
import { addLaunchHook } from './launch-hook.js';
import { OpenHours } from './open-hours.js';

export interface ShardProps extends MachineProps {
  /** Name of the shard: `a`, `b`, … */
  readonly shard: string;
  /** Names of all shards of the deployment, including this one. */
  readonly shards: readonly string[];
  /** Whether the shard's machine also runs a Videobridge, and receives media. */
  readonly colocatedBridge: boolean;
  readonly access: Access;
  /** Where hosts sign in. */
  readonly login?: LoginSettings;
  readonly meetings: MeetingSettings;
  /** Recording and streaming. */
  readonly recording?: Pick<Recording, 'who' | 'ready'> | undefined;
  /** The group of all shards, see {@link shardSecurityGroup}. */
  readonly securityGroup: ec2.ISecurityGroup;
  /** Whether the shard relays media for participants whose network blocks UDP. */
  readonly turn: boolean;
  readonly instanceType: string;
}

/**
 * A signalling shard: a group of exactly one machine, so that a failed one is replaced. The machine runs the edge
 * (HAProxy), the web server, Prosody, Jicofo and the agent.
 */
export class Shard extends Construct {
  readonly group: autoscaling.AutoScalingGroup;
  readonly groupName: string;

  constructor(scope: Construct, id: string, props: ShardProps) {
    super(scope, id);
    const { shard, colocatedBridge, login, recording, secrets } = props;
    this.groupName = shardGroupName(props.deployment, shard);
    // With a second shard, a machine can wait at the hook until its meetings have ended; a single shard has to end at
    // once.
    const drains = props.shards.length > 1;
    const template = launch(this, {
      ...props,
      purpose: `shard ${shard}`,
      spec: {
        role: 'shard',
        shard,
        shards: [...props.shards],
        colocatedBridge,
        access: props.access,
        ...(login && secrets.login && { login: { ...login, secret: secrets.login.secretArn } }),
        ...(recording &&
          secrets.recorders && {
            recording: { secret: secrets.recorders.secretArn, who: recording.who, ready: recording.ready },
          }),
        meetings: props.meetings,
        turn: props.turn,
        ...(props.assets.logo && { logo: props.assets.logo }),
        group: this.groupName,
        ...(drains && { hook: DRAIN_HOOK }),
      },
    });

    this.group = new autoscaling.AutoScalingGroup(this, 'Group', {
      autoScalingGroupName: this.groupName,
      vpc: props.vpc,
      vpcSubnets: { subnets: homes(props) },
      launchTemplate: template,
      minCapacity: 1,
      maxCapacity: 1,
      // The load balancer checks only whether this machine can serve or forward, not whether there are bridges, so
      // its result may trigger a replacement. The grace period covers the first provisioning.
      healthChecks: autoscaling.HealthChecks.withAdditionalChecks({
        additionalTypes: [autoscaling.AdditionalHealthCheckType.ELB],
        gracePeriod: Duration.minutes(MINUTES_TO_SERVE),
      }),
    });
    if (props.hours) new OpenHours(this, 'Hours', { group: this.group, hours: props.hours, min: 1, max: 1 });
    addLaunchHook(this.group);
    if (drains) addDrainHook(this.group);
    Tags.of(this.group).add(ROLE_TAG, 'shard', { applyToLaunchedInstances: true });
    Tags.of(this.group).add(SHARD_TAG, shard, { applyToLaunchedInstances: true });
    Tags.of(this.group).add('Name', this.groupName, { applyToLaunchedInstances: true });
  }
}

export interface ShardSecurityGroupProps
  extends Pick<MachineProps, 'vpc' | 'deployment' | 'ssh' | 'prometheus'> {
  /** Whether there are several shards, which forward to each other. */
  readonly several: boolean;
  readonly colocatedBridge: boolean;
  readonly turn: boolean;
}

/**
 * The security group that all shards share. Its rules name the group itself: one rule per port, for any number of
 * shards. Rules between each pair of shards would exceed a stack's limit of resources.
 */
export function shardSecurityGroup(scope: Construct, props: ShardSecurityGroupProps): ec2.SecurityGroup {
  const group = machineSecurityGroup(scope, { ...props, purpose: 'shards' });
  if (props.colocatedBridge) {
    group.addIngressRule(ec2.Peer.anyIpv4(), ec2.Port.udp(PORTS.media), 'media from participants');
  }
  if (!props.several) return group;
  for (const [port, what] of [
    [PORTS.web, 'rooms of one shard, by way of another'],
    [PORTS.agentCheck, 'whether a shard takes new rooms'],
    [PORTS.peers, 'which room is where'],
    ...(props.turn ? [[PORTS.turnServer, 'relayed media, by way of another shard'] as const] : []),
  ] as const) {
    group.addIngressRule(group, ec2.Port.tcp(port), what);
  }
  return group;
}

/**
 * The subnets for the machine. A single shard may be replaced in another availability zone. Several shards are
 * distributed over the zones and stay there: Auto Scaling does not know the other groups, and one failed zone could
 * take them all.
 */
function homes({ subnets, shard, shards }: ShardProps): ec2.ISubnet[] {
  if (shards.length === 1) return [...subnets];
  return subnets.filter((_, zone) => zone === shards.indexOf(shard) % subnets.length);
}
