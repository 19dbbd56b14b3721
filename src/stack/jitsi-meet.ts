import type { aws_certificatemanager as acm, aws_route53 as route53 } from 'aws-cdk-lib';
import { aws_secretsmanager as secrets, Tags } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import {
  type Access,
  type Architecture,
  type Bridges as BridgesWanted,
  DEPLOYMENT_TAG,
  type Meetings,
  type PackageSource,
  type Ssh,
} from '../config/deployment.js';
import { MeetingSettings } from '../config/meetings.js';
import { turnName } from '../config/turn.js';
import { Alerts } from './alerts.js';
import { Bridges } from './bridges.js';
import { Budget } from './budget.js';
import { Cell, cellSecurityGroup } from './cell.js';
import { FrontDoor } from './front-door.js';
import { bridgeSeedName, cellNames, seedName, stackName, turnBalancerName } from './names.js';
import { Network } from './network.js';
import { NodeAssets } from './node-assets.js';
import { Turn } from './turn.js';

export interface JitsiMeetProps {
  /** Prefix of every name, and the value of the tag on everything. Lower-case letters, digits, hyphens; 20 at most. */
  readonly name: string;
  /** Host name of the meeting page, for example `meet.example.org`. */
  readonly domain: string;
  /** Two availability zones. They cannot be changed later. @default - the first two that CloudFormation names */
  readonly zones?: readonly [string, string];
  /** Where mail goes when something breaks. AWS asks this address once to confirm. */
  readonly alerts: string;
  /** Zone of the domain. Unset: you point the domain at `frontDoor.balancer` and give a `certificate`. */
  readonly zone?: route53.IHostedZone;
  /** @default - made, and validated in `zone` */
  readonly certificate?: acm.ICertificate;
  /** @default - `arm64` */
  readonly architecture?: Architecture;
  /** Instance type of a cell. @default - `t4g.medium`, or `t3.medium` where `architecture` is `amd64` */
  readonly cellType?: string;
  /** How many cells (signalling shards). More than one needs `bridges`. @default 1 */
  readonly cellCount?: number;
  /** The group of bridges that the cells share. @default - none: one bridge, on board of the only cell */
  readonly bridges?: BridgesWanted;
  /** Where Jitsi's packages come from. @default - Jitsi's own apt repository */
  readonly packages?: PackageSource;
  /** Who may meet. @default 'open' */
  readonly access?: Access;
  /** What the page of meetings looks like and does. @default - Jitsi's own looks */
  readonly meetings?: Meetings;
  /**
   * Media over TLS, at `turn.<domain>`, for people whose network lets no UDP out. It has a network load balancer of its own,
   * and a `certificate` that you give has to cover that name too. @default - where there are `bridges`
   */
  readonly turn?: boolean;
  /** US dollars a month that `alerts` is told about. @default - nobody is told */
  readonly monthlyBudget?: number;
  /** Who may log in to machines by SSH. @default - nobody */
  readonly ssh?: Ssh;
}

/** Instance type of a cell by architecture: 2 vCPU and 4 GiB each. */
export const DEFAULT_CELL_TYPE: Readonly<Record<Architecture, string>> = {
  arm64: 't4g.medium',
  amd64: 't3.medium',
};

/**
 * A highly available Jitsi Meet: network, front door, cells, bridges, and mail when something breaks. The smallest is
 * one cell with a bridge on board; every larger one is the same cell several times, with a group of bridges beside.
 *
 * ```ts
 * new JitsiMeet(stack, 'Meet', { name: 'meet', domain: 'meet.example.org', alerts: 'ops@example.org', zone });
 * ```
 */
export class JitsiMeet extends Construct {
  readonly network: Network;
  readonly frontDoor: FrontDoor;
  readonly cells: readonly Cell[];
  /** Undefined where the bridge is on board of the only cell. */
  readonly bridges?: Bridges;
  /** Undefined where media has no way but UDP. */
  readonly turn?: Turn;
  readonly alerts: Alerts;

  constructor(scope: Construct, id: string, props: JitsiMeetProps) {
    super(scope, id);
    const architecture = props.architecture ?? 'arm64';
    const turn = props.turn ?? props.bridges !== undefined;

    this.network = new Network(this, 'Network', props.zones && { zones: props.zones });
    this.alerts = new Alerts(this, 'Alerts', {
      deployment: props.name,
      domain: props.domain,
      email: props.alerts,
    });
    this.frontDoor = new FrontDoor(this, 'FrontDoor', {
      vpc: this.network.vpc,
      name: stackName(props.name),
      domain: props.domain,
      ...(turn && { otherNames: [turnName(props.domain)] }),
      ...(props.zone && { zone: props.zone }),
      ...(props.certificate && { certificate: props.certificate }),
    });
    const seed = (id: string, secretName: string, duty: string) =>
      new secrets.Secret(this, id, {
        secretName,
        description: `convoke ${props.name}: ${duty} is derived from this`,
        generateSecretString: {
          secretStringTemplate: '{}',
          generateStringKey: 'seed',
          passwordLength: 64,
          excludePunctuation: true,
        },
      });
    const { logo, ...meetings }: Meetings = props.meetings ?? MeetingSettings.parse({});
    const assets = new NodeAssets(this, 'Files', { packages: props.packages ?? { kind: 'official' }, logo });

    const machines = {
      vpc: this.network.vpc,
      deployment: props.name,
      domain: props.domain,
      architecture,
      secrets: {
        cells: seed('Seed', seedName(props.name), 'every password of cells'),
        bridges: seed('BridgeSeed', bridgeSeedName(props.name), "the password of the bridges' account"),
      },
      assets,
      ...(props.ssh && { ssh: props.ssh }),
    };
    const names = cellNames(props.cellCount ?? 1);
    if (names.length > 1 && !props.bridges) {
      throw new Error(`${names.length} cells need a group of bridges that they share: give "bridges".`);
    }
    const securityGroup = cellSecurityGroup(new Construct(this, 'Cells'), {
      ...machines,
      several: names.length > 1,
      bridgeOnBoard: !props.bridges,
      turn,
    });
    this.cells = names.map(
      (cell) =>
        new Cell(this, `Cell${cell.toUpperCase()}`, {
          ...machines,
          cell,
          cells: names,
          securityGroup,
          bridgeOnBoard: !props.bridges,
          access: props.access ?? 'open',
          meetings,
          turn,
          instanceType: props.cellType ?? DEFAULT_CELL_TYPE[architecture],
        }),
    );
    const groups = this.cells.map(({ group }) => group);
    for (const group of groups) this.frontDoor.serve(group);
    if (turn) {
      this.turn = new Turn(this, 'Turn', {
        vpc: this.network.vpc,
        name: turnBalancerName(props.name),
        domain: props.domain,
        certificate: this.frontDoor.certificate,
        ...(props.zone && { zone: props.zone }),
      });
      this.turn.serve(groups, securityGroup);
    }
    if (props.bridges) {
      this.bridges = new Bridges(this, 'Bridges', { ...machines, wanted: props.bridges });
      this.bridges.reach(securityGroup);
    }
    this.alerts.watch(
      {
        fixed: this.cells.map((cell) => cell.groupName),
        scaling: this.bridges ? [this.bridges.groupName] : [],
      },
      this.network.vpc.availabilityZones,
    );

    this.alerts.watchCertificate(this.frontDoor.certificate, props.certificate ? 'given' : 'made');

    if (props.monthlyBudget !== undefined) {
      new Budget(this, 'Budget', {
        deployment: props.name,
        monthly: props.monthlyBudget,
        email: props.alerts,
      });
    }

    Tags.of(this).add(DEPLOYMENT_TAG, props.name);
  }
}
