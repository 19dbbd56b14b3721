import {
  Aws,
  aws_autoscaling as autoscaling,
  Duration,
  aws_ec2 as ec2,
  aws_iam as iam,
  Stack,
  type aws_secretsmanager as secrets,
  Tags,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { type Architecture, CELL_TAG, ROLE_TAG } from '../config/deployment.js';
import type { MachineSpec } from '../node/machine-spec.js';
import { PORTS } from '../node/ports.js';
import { userData } from '../node/user-data.js';
import { debianImage } from './debian-image.js';
import { METRICS_NAMESPACE } from './metrics.js';
import type { NodeAssets } from './node-assets.js';

export interface CellProps {
  readonly vpc: ec2.IVpc;
  /** Name of the deployment: prefix of the group's name. */
  readonly deployment: string;
  readonly domain: string;
  /** Which cell this is: `a`, `b`, … */
  readonly cell: string;
  /** Whether a Videobridge runs on the cell's machine, so that media comes in here too. */
  readonly bridgeOnBoard: boolean;
  readonly architecture: Architecture;
  readonly instanceType: string;
  /** What every password of the deployment is derived from. */
  readonly seed: secrets.ISecret;
  readonly assets: NodeAssets;
}

/**
 * A signalling shard: a group of exactly one machine over all zones, so that a dead one is replaced, elsewhere if
 * need be. The machine runs the edge (HAProxy), the web server, Prosody, Jicofo and the agent.
 */
export class Cell extends Construct {
  readonly group: autoscaling.AutoScalingGroup;
  readonly groupName: string;

  constructor(scope: Construct, id: string, props: CellProps) {
    super(scope, id);
    this.groupName = `convoke-${props.deployment}-cell-${props.cell}`;
    const role = this.machineRole(props);
    const securityGroup = new ec2.SecurityGroup(this, 'SecurityGroup', {
      vpc: props.vpc,
      description: `convoke ${props.deployment}: cell ${props.cell}`,
    });
    if (props.bridgeOnBoard) {
      securityGroup.addIngressRule(ec2.Peer.anyIpv4(), ec2.Port.udp(PORTS.media), 'media from participants');
    }

    const template = new ec2.LaunchTemplate(this, 'Template', {
      machineImage: debianImage(props.architecture),
      instanceType: new ec2.InstanceType(props.instanceType),
      role,
      securityGroup,
      associatePublicIpAddress: true,
      requireImdsv2: true,
      httpPutResponseHopLimit: 1,
      userData: ec2.UserData.custom(this.launchScript(props)),
      blockDevices: [
        {
          // Debian's images boot from /dev/xvda.
          deviceName: '/dev/xvda',
          volume: ec2.BlockDeviceVolume.ebs(12, { encrypted: true, volumeType: ec2.EbsDeviceVolumeType.GP3 }),
        },
      ],
    });

    this.group = new autoscaling.AutoScalingGroup(this, 'Group', {
      autoScalingGroupName: this.groupName,
      vpc: props.vpc,
      vpcSubnets: { subnetType: ec2.SubnetType.PUBLIC },
      launchTemplate: template,
      minCapacity: 1,
      maxCapacity: 1,
      // The load balancer's check asks only whether this machine can serve or forward, never whether there are bridges,
      // so it may decide on replacement. The grace period covers a first provisioning with all packages to install.
      healthChecks: autoscaling.HealthChecks.withAdditionalChecks({
        additionalTypes: [autoscaling.AdditionalHealthCheckType.ELB],
        gracePeriod: Duration.minutes(6),
      }),
    });
    Tags.of(this.group).add(ROLE_TAG, 'cell', { applyToLaunchedInstances: true });
    Tags.of(this.group).add(CELL_TAG, props.cell, { applyToLaunchedInstances: true });
    Tags.of(this.group).add('Name', this.groupName, { applyToLaunchedInstances: true });
  }

  /** What the machine itself may do in the account: read its bundle and its secret, publish figures, report itself sick. */
  private machineRole(props: CellProps): iam.Role {
    const role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com'),
      description: `convoke ${props.deployment}: what machine of cell ${props.cell} may do`,
    });
    props.assets.grantRead(role);
    props.seed.grantRead(role);
    role.addToPolicy(
      new iam.PolicyStatement({
        sid: 'PublishFigures',
        actions: ['cloudwatch:PutMetricData'],
        // This action takes no resource; the namespace is its only limit.
        resources: ['*'],
        conditions: { StringEquals: { 'cloudwatch:namespace': METRICS_NAMESPACE } },
      }),
    );
    role.addToPolicy(
      new iam.PolicyStatement({
        sid: 'ReportItselfSick',
        actions: ['autoscaling:SetInstanceHealth'],
        resources: [
          `arn:${Aws.PARTITION}:autoscaling:${Aws.REGION}:${Aws.ACCOUNT_ID}:autoScalingGroup:*:autoScalingGroupName/${this.groupName}`,
        ],
      }),
    );
    return role;
  }

  private launchScript(props: CellProps): string {
    const stack = Stack.of(this);
    const spec: MachineSpec = {
      deployment: props.deployment,
      domain: props.domain,
      region: stack.region,
      role: 'cell',
      cell: props.cell,
      cells: [props.cell],
      bridgeOnBoard: props.bridgeOnBoard,
      group: this.groupName,
      secret: props.seed.secretArn,
      packages: props.assets.packages,
      metrics: METRICS_NAMESPACE,
    };
    return userData({ spec: stack.toJsonString(spec), region: stack.region, ...props.assets.bundle });
  }
}
