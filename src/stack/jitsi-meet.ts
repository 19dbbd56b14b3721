import type { aws_certificatemanager as acm, aws_route53 as route53 } from 'aws-cdk-lib';
import { aws_secretsmanager as secrets, Tags } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { type Architecture, DEPLOYMENT_TAG, type PackageSource } from '../config/deployment.js';
import { Alerts } from './alerts.js';
import { Cell } from './cell.js';
import { FrontDoor } from './front-door.js';
import { stackName } from './names.js';
import { Network } from './network.js';
import { NodeAssets } from './node-assets.js';

export interface JitsiMeetProps {
  /** Prefix of every name, and the value of the tag on everything. Lower-case letters, digits, hyphens; 20 at most. */
  readonly name: string;
  /** Host name of the meeting page, for example `meet.example.org`. */
  readonly domain: string;
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
  /** Where Jitsi's packages come from. @default - Jitsi's own apt repository */
  readonly packages?: PackageSource;
}

/** Instance type of a cell by architecture: 2 vCPU and 4 GiB each. */
export const DEFAULT_CELL_TYPE: Readonly<Record<Architecture, string>> = {
  arm64: 't4g.medium',
  amd64: 't3.medium',
};

/**
 * A highly available Jitsi Meet: network, front door, one cell with a bridge on board, and mail when it breaks.
 *
 * ```ts
 * new JitsiMeet(stack, 'Meet', { name: 'meet', domain: 'meet.example.org', alerts: 'ops@example.org', zone });
 * ```
 */
export class JitsiMeet extends Construct {
  readonly network: Network;
  readonly frontDoor: FrontDoor;
  readonly cells: readonly Cell[];
  readonly alerts: Alerts;

  constructor(scope: Construct, id: string, props: JitsiMeetProps) {
    super(scope, id);
    const architecture = props.architecture ?? 'arm64';

    this.network = new Network(this, 'Network');
    this.alerts = new Alerts(this, 'Alerts', {
      deployment: props.name,
      domain: props.domain,
      email: props.alerts,
    });
    this.frontDoor = new FrontDoor(this, 'FrontDoor', {
      vpc: this.network.vpc,
      name: stackName(props.name),
      domain: props.domain,
      ...(props.zone && { zone: props.zone }),
      ...(props.certificate && { certificate: props.certificate }),
    });
    const seed = new secrets.Secret(this, 'Seed', {
      secretName: `convoke-${props.name}-seed`,
      description: `convoke ${props.name}: every password on the machines is derived from this`,
      generateSecretString: {
        secretStringTemplate: '{}',
        generateStringKey: 'seed',
        passwordLength: 64,
        excludePunctuation: true,
      },
    });
    const assets = new NodeAssets(this, 'Files', { packages: props.packages ?? { kind: 'official' } });

    const cell = new Cell(this, 'CellA', {
      vpc: this.network.vpc,
      deployment: props.name,
      domain: props.domain,
      cell: 'a',
      bridgeOnBoard: true,
      architecture,
      instanceType: props.cellType ?? DEFAULT_CELL_TYPE[architecture],
      seed,
      assets,
    });
    this.cells = [cell];
    this.frontDoor.serve(cell.group);
    this.alerts.watch('CellA', cell.groupName, this.network.vpc.availabilityZones);

    Tags.of(this).add(DEPLOYMENT_TAG, props.name);
  }
}
