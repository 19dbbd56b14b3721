import { aws_autoscaling as autoscaling, Duration, aws_ec2 as ec2, Tags } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { Bridges as BridgesWanted } from '../config/deployment.js';
import { bridgesGroupName } from '../contract/names.js';
import { PORTS } from '../contract/ports.js';
import { ROLE_TAG } from '../contract/tags.js';
import { MINUTES_TO_SERVE } from '../contract/template.js';
import { addDrainHook, DRAIN_HOOK } from './drain-hook.js';
import { launch, type MachineProps, machineSecurityGroup } from './launch.js';
import { addLaunchHook } from './launch-hook.js';
import { Scaling } from './scaling.js';

export interface BridgesProps extends MachineProps {
  readonly wanted: BridgesWanted;
}

/**
 * The bridges that all shards share: a group that scales with the load. A machine runs Videobridge and the agent; it
 * has a public address, and media goes directly to it. It is drained before it ends.
 */
export class Bridges extends Construct {
  readonly group: autoscaling.AutoScalingGroup;
  readonly groupName: string;
  readonly securityGroup: ec2.SecurityGroup;

  constructor(scope: Construct, id: string, props: BridgesProps) {
    super(scope, id);
    const { wanted } = props;
    this.groupName = bridgesGroupName(props.deployment);
    const [preferred = ''] = wanted.types;
    this.securityGroup = machineSecurityGroup(this, { ...props, purpose: 'bridges' });
    const template = launch(this, {
      ...props,
      purpose: 'bridges',
      instanceType: preferred,
      securityGroup: this.securityGroup,
      spec: { role: 'bridge', group: this.groupName, hook: DRAIN_HOOK },
    });
    this.securityGroup.addIngressRule(
      ec2.Peer.anyIpv4(),
      ec2.Port.udp(PORTS.media),
      'media from participants',
    );

    const single = wanted.spot === 0 && wanted.types.length === 1;
    this.group = new autoscaling.AutoScalingGroup(this, 'Group', {
      autoScalingGroupName: this.groupName,
      vpc: props.vpc,
      vpcSubnets: { subnets: [...props.subnets] },
      ...(single
        ? { launchTemplate: template }
        : {
            mixedInstancesPolicy: {
              launchTemplate: template,
              launchTemplateOverrides: wanted.types.map((type) => ({
                instanceType: new ec2.InstanceType(type),
              })),
              instancesDistribution: {
                onDemandAllocationStrategy: autoscaling.OnDemandAllocationStrategy.PRIORITIZED,
                onDemandPercentageAboveBaseCapacity: 100 - wanted.spot,
                spotAllocationStrategy: autoscaling.SpotAllocationStrategy.PRICE_CAPACITY_OPTIMIZED,
              },
            },
            // With a rebalance recommendation a replacement is launched before the spot interruption.
            capacityRebalance: true,
          }),
      minCapacity: wanted.min,
      maxCapacity: wanted.max,
      // Only EC2's status checks, and the agent's report when a daemon has failed for good.
      healthChecks: autoscaling.HealthChecks.ec2({ gracePeriod: Duration.minutes(MINUTES_TO_SERVE) }),
      // Free of charge. The number of machines in service shows whether all of them report.
      groupMetrics: [
        new autoscaling.GroupMetrics(
          autoscaling.GroupMetric.IN_SERVICE_INSTANCES,
          autoscaling.GroupMetric.DESIRED_CAPACITY,
        ),
      ],
    });
    addLaunchHook(this.group);
    addDrainHook(this.group);
    Tags.of(this.group).add(ROLE_TAG, 'bridge', { applyToLaunchedInstances: true });
    Tags.of(this.group).add('Name', this.groupName, { applyToLaunchedInstances: true });
    new Scaling(this, 'Scaling', {
      group: this.group,
      groupName: this.groupName,
      deployment: props.deployment,
      wanted,
      hours: props.hours,
    });
  }

  /** Lets bridges log in at the shards' Prosody, and have their participants moved when they drain. */
  reach(shards: ec2.SecurityGroup): void {
    shards.addIngressRule(this.securityGroup, ec2.Port.tcp(PORTS.prosodyClient), 'bridges log in');
    shards.addIngressRule(
      this.securityGroup,
      ec2.Port.tcp(PORTS.agentForBridges),
      'bridges that leave ask to move their people',
    );
  }
}
