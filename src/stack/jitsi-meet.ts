import {
  Aws,
  aws_ec2 as ec2,
  RemovalPolicy,
  SecretValue,
  Stack,
  aws_secretsmanager as secrets,
  Tags,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { turnName } from '../config/turn.js';
import {
  bridgeSeedName,
  loginName,
  recorderSeedName,
  recordingsBucketName,
  seedName,
  shardNames,
  stackName,
  turnBalancerName,
} from '../contract/names.js';
import { DEPLOYMENT_TAG } from '../contract/tags.js';
import { Alerts } from './alerts.js';
import { Bridges } from './bridges.js';
import { Budget } from './budget.js';
import { Dashboard } from './dashboard.js';
import { debianImage } from './debian-image.js';
import { ImageBuilder } from './image-builder.js';
import { Ingress } from './ingress.js';
import { MachineLogs } from './machine-logs.js';
import { Network } from './network.js';
import { NodeAssets } from './node-assets.js';
import type { JitsiMeetProps } from './props.js';
import { Recorders } from './recorders.js';
import { recordingsBucket } from './recordings-bucket.js';
import { settings } from './settings.js';
import { Shard, shardSecurityGroup } from './shard.js';
import { Turn } from './turn.js';

/**
 * A highly available Jitsi Meet: network, ingress, shards, bridges, and mail when something breaks. The smallest is
 * one shard with a co-located bridge; every larger one is the same shard several times, with a group of bridges beside.
 *
 * Props are checked by the schemas of `convoke.yaml` before anything is made; an error names each that is wrong, its value,
 * and what would be right.
 *
 * @example
 * new JitsiMeet(stack, 'Meet', { name: 'meet', domain: 'meet.example.org', alerts: 'ops@example.org', zone });
 */
export class JitsiMeet extends Construct implements ec2.IConnectable {
  /**
   * The security groups of all machines, shards, bridges and recorders, for rules of your own: for example
   * `jitsi.connections.allowFrom(monitoring, ec2.Port.tcp(9100))`. Participants do not need such rules.
   */
  readonly connections: ec2.Connections;
  readonly network: Network;
  /** The load balancer of the meeting page, its target group and its certificate. */
  readonly ingress: Ingress;
  readonly shards: readonly Shard[];
  /** Undefined if the only shard has a co-located bridge. */
  readonly bridges?: Bridges;
  /** Undefined without `recording`. */
  readonly recorders?: Recorders;
  /** Undefined if media uses UDP only. */
  readonly turn?: Turn;
  /** The first 12 digits of the SHA-256 of the program that runs on machines. */
  readonly nodeBundle: string;
  /** `alerts.topic` is where alerts are published. */
  readonly alerts: Alerts;

  constructor(scope: Construct, id: string, given: JitsiMeetProps) {
    super(scope, id);
    const props = settings(this, given);
    const { architecture, turn } = props;
    const image = props.image ?? debianImage(architecture);

    this.network = new Network(this, 'Network', {
      ...(props.vpc && { vpc: props.vpc }),
      ...(props.zones && { zones: props.zones }),
    });
    const { vpc, subnets } = this.network;
    this.alerts = new Alerts(this, 'Alerts', {
      deployment: props.name,
      domain: props.domain,
      emails: props.alerts,
      language: props.language,
      ...(props.webhooks && { webhooks: props.webhooks }),
      ...(props.alarmTopic && { topic: props.alarmTopic }),
    });
    this.ingress = new Ingress(this, 'Ingress', {
      vpc,
      subnets,
      name: stackName(props.name),
      domain: props.domain,
      ...(turn && { otherNames: [turnName(props.domain)] }),
      ...(props.zone && { zone: props.zone }),
      ...(props.certificate && { certificate: props.certificate }),
    });
    const seed = (id: string, secretName: string, purpose: string) =>
      new secrets.Secret(this, id, {
        secretName,
        description: `convoke ${props.name}: ${purpose} is derived from this`,
        generateSecretString: {
          secretStringTemplate: '{}',
          generateStringKey: 'seed',
          passwordLength: 64,
          excludePunctuation: true,
        },
      });
    // The value is not in the template: "convoke login set-secret" stores it, and updates of the stack leave it alone.
    const login =
      props.login &&
      new secrets.Secret(this, 'LoginSecret', {
        secretName: loginName(props.name),
        description: `convoke ${props.name}: the client's secret at the provider where hosts sign in`,
        secretStringValue: SecretValue.unsafePlainText('{}'),
      });
    const { logo, ...meetings } = props.meetings;
    const assets = new NodeAssets(this, 'Files', {
      packages: props.packages,
      release: props.release,
      logo,
      recording: props.recording !== undefined,
    });

    this.nodeBundle = assets.bundle;

    const machines = {
      vpc,
      subnets,
      deployment: props.name,
      domain: props.domain,
      image,
      secrets: {
        shards: seed('Seed', seedName(props.name), 'every password of shards'),
        bridges: seed('BridgeSeed', bridgeSeedName(props.name), "the password of the bridges' account"),
        ...(login && { login }),
        ...(props.recording && {
          recorders: seed(
            'RecorderSeed',
            recorderSeedName(props.name),
            "the passwords of the recorders' accounts",
          ),
        }),
      },
      assets,
      logs: new MachineLogs(this, 'Logs', { deployment: props.name, diagnostics: props.diagnostics }),
      ...(props.prometheus && { prometheus: props.prometheus }),
      ...(props.ssh && { ssh: props.ssh }),
      shell: props.shell,
      ...(props.hours && { hours: props.hours }),
    };
    const names = shardNames(props.shardCount);
    const securityGroup = shardSecurityGroup(new Construct(this, 'Shards'), {
      ...machines,
      several: names.length > 1,
      colocatedBridge: !props.bridges,
      turn,
    });
    this.shards = names.map(
      (shard) =>
        new Shard(this, `Shard${shard.toUpperCase()}`, {
          ...machines,
          shard,
          shards: names,
          securityGroup,
          colocatedBridge: !props.bridges,
          access: props.access,
          ...(props.login && { login: props.login }),
          meetings,
          recording: props.recording,
          turn,
          instanceType: props.shardType,
        }),
    );
    const groups = this.shards.map(({ group }) => group);
    for (const group of groups) this.ingress.serve(group);
    if (turn) {
      this.turn = new Turn(this, 'Turn', {
        vpc,
        subnets,
        name: turnBalancerName(props.name),
        domain: props.domain,
        certificate: this.ingress.certificate,
        ...(props.zone && { zone: props.zone }),
      });
      this.turn.serve(groups, securityGroup);
    }
    if (props.bridges) {
      this.bridges = new Bridges(this, 'Bridges', { ...machines, wanted: props.bridges });
      this.bridges.reach(securityGroup);
    }
    if (props.recording) {
      this.recorders = new Recorders(this, 'Recorders', {
        ...machines,
        max: props.recording.max,
        instanceType: props.recording.type,
        bucket:
          props.recordingsBucket ??
          recordingsBucket(this, 'Recordings', {
            bucketName: recordingsBucketName(props.name, Aws.ACCOUNT_ID, Stack.of(this).region),
            keepDays: props.recording.keepDays,
            removalPolicy: RemovalPolicy.RETAIN,
          }),
      });
      this.recorders.reach(securityGroup);
    }
    this.connections = new ec2.Connections({
      securityGroups: [
        securityGroup,
        ...(this.bridges ? [this.bridges.securityGroup] : []),
        ...(this.recorders ? [this.recorders.securityGroup] : []),
      ],
    });
    this.alerts.watch({
      shards: this.shards.map((shard) => shard.groupName),
      ...(this.bridges &&
        props.bridges && { bridges: { group: this.bridges.groupName, max: props.bridges.max } }),
      ...(this.recorders && { recorders: this.recorders.groupName }),
      balancer: this.ingress.balancer,
      targetGroup: this.ingress.targetGroup,
      ...(props.hours && {
        hours: { ...props.hours, rule: this.ingress.closedPage(props.hours, props.language) },
      }),
      certificate: this.ingress.certificate,
      ownCertificate: !props.certificate,
    });

    if (props.imageBuilder && props.release) {
      new ImageBuilder(this, 'ImageBuilder', {
        vpc,
        subnets,
        deployment: props.name,
        domain: props.domain,
        architecture,
        instanceType: props.shardType,
        assets,
        release: props.release,
        shell: props.shell,
        recorder: props.recording !== undefined,
      });
    }
    if (props.dashboard) {
      new Dashboard(this, 'Dashboard', {
        deployment: props.name,
        shards: names,
        ...(this.bridges &&
          props.bridges && { bridges: { group: this.bridges.groupName, max: props.bridges.max } }),
        balancer: this.ingress.balancer.loadBalancerFullName,
        targetGroup: this.ingress.targetGroup.targetGroupFullName,
        alarms: this.alerts.alarms.map(({ alarmArn }) => alarmArn),
      });
    }
    if (props.monthlyBudget !== undefined) {
      new Budget(this, 'Budget', {
        deployment: props.name,
        monthly: props.monthlyBudget,
        emails: props.alerts,
      });
    }

    Tags.of(this).add(DEPLOYMENT_TAG, props.name);
  }
}
