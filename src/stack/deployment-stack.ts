import {
  aws_certificatemanager as acm,
  CfnCondition,
  CfnOutput,
  CfnParameter,
  DefaultStackSynthesizer,
  type aws_ec2 as ec2,
  Fn,
  aws_route53 as route53,
  SecretValue,
  Stack,
  aws_s3 as s3,
  aws_secretsmanager as secrets,
  Token,
} from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Architecture, Deployment } from '../config/deployment.js';
import { turnName } from '../config/turn.js';
import {
  assetsBucketName,
  qualifier,
  recordingsBucketName,
  roleName,
  stackName,
  webhooksName,
} from '../contract/names.js';
import type { ReleaseState } from '../contract/release.js';
import {
  AVAILABILITY_ZONE_PARAMETERS,
  CERTIFICATE_PARAMETER,
  IMAGE_PARAMETER,
  OUTPUTS,
  WEBHOOKS_PARAMETER,
  ZONE_PARAMETER,
} from '../contract/template.js';
import { boundRoles } from './boundary.js';
import { debianImage } from './debian-image.js';
import { type Held, hold } from './held.js';
import { JitsiMeet } from './jitsi-meet.js';
import type { JitsiMeetProps } from './props.js';

/**
 * The CloudFormation stack of one deployment. It is synthesised without credentials or network: nothing is looked up.
 */
export class DeploymentStack extends Stack {
  readonly jitsi: JitsiMeet;

  /**
   * `releases`: what `up` and `upgrade` decided. Default: machines install what their package source has when they start.
   * `held`: for a deployment whose machines are being replaced.
   */
  constructor(scope: Construct, deployment: Deployment, releases?: ReleaseState, held?: Held) {
    super(scope, stackName(deployment.name), {
      env: { region: deployment.region },
      description: `Jitsi Meet at ${deployment.domain}, made by convoke`,
      synthesizer: synthesizer(deployment),
    });
    const zone = this.zone(deployment);
    const certificate = this.certificate(deployment);
    const webhooks = this.webhooks(deployment);
    const image =
      deployment.image === 'baked' && releases ? this.image(deployment.machines.architecture) : undefined;
    this.jitsi = new JitsiMeet(this, 'Jitsi', {
      name: deployment.name,
      domain: deployment.domain,
      zones: [this.availabilityZone(0), this.availabilityZone(1)],
      alerts: deployment.alerts.emails,
      language: deployment.language,
      diagnostics: deployment.diagnostics,
      ...(webhooks && { webhooks }),
      architecture: deployment.machines.architecture,
      ...(image && { image, imageBuilder: true }),
      shardType: deployment.machines.shard,
      shardCount: deployment.shards,
      ...(deployment.bridges && { bridges: deployment.bridges }),
      packages: deployment.packages,
      ...(releases && { release: releases.release }),
      access: deployment.access,
      ...(deployment.login && { login: deployment.login }),
      meetings: { ...deployment.meetings, logo: deployment.meetings.logo?.path },
      ...this.recording(deployment),
      turn: deployment.turn,
      dashboard: deployment.dashboard,
      shell: deployment.shell,
      ...(deployment.hours && { hours: deployment.hours }),
      ...(deployment.budget && { monthlyBudget: deployment.budget.monthly }),
      ...(deployment.prometheus && { prometheus: deployment.prometheus }),
      ...(deployment.ssh && { ssh: deployment.ssh }),
      ...(zone && { zone }),
      ...(certificate && { certificate }),
    });
    const { shards, bridges, recorders } = this.jitsi;
    const machines = [...shards, ...(bridges ? [bridges] : []), ...(recorders ? [recorders] : [])];
    if (held) for (const each of machines) hold(deployment.name, each, held);
    boundRoles(this, deployment.name);
    this.output(OUTPUTS.url, 'Address of the meeting page', `https://${deployment.domain}/`);
    this.output(
      OUTPUTS.balancerName,
      'What the domain points at',
      this.jitsi.ingress.balancer.loadBalancerDnsName,
    );
    if (this.jitsi.turn) {
      this.output(
        OUTPUTS.turnBalancerName,
        `What ${turnName(deployment.domain)} points at`,
        this.jitsi.turn.balancer.loadBalancerDnsName,
      );
    }
    this.output(OUTPUTS.bundle, 'What of convoke runs on machines that start', this.jitsi.nodeBundle);
    if (releases)
      this.output(OUTPUTS.release, 'Release of Jitsi on all machines, as JSON', JSON.stringify(releases));
    this.output(OUTPUTS.targetGroup, 'Which shards serve', this.jitsi.ingress.targetGroup.targetGroupArn);
    this.output(OUTPUTS.topic, 'Where alerts are published', this.jitsi.alerts.topic.topicArn);
    this.output(OUTPUTS.groups, 'Auto Scaling groups', machines.map(({ groupName }) => groupName).join(','));
    if (held)
      this.output(
        OUTPUTS.roll,
        'What groups launch until their machines are replaced',
        JSON.stringify(held.roll),
      );
  }

  /**
   * `up` chooses availability zones that offer the instance types. Without it, the first two that CloudFormation
   * names are used.
   */
  private availabilityZone(index: 0 | 1): string {
    const id = AVAILABILITY_ZONE_PARAMETERS[index];
    const name = new CfnParameter(this, id, {
      type: 'String',
      default: '',
      description: 'Availability zone; empty: the region’s. It cannot be changed later.',
    });
    const given = new CfnCondition(this, `${id}Given`, {
      expression: Fn.conditionNot(Fn.conditionEquals(name.valueAsString, '')),
    });
    return Token.asString(Fn.conditionIf(given.logicalId, name.valueAsString, Fn.select(index, Fn.getAzs())));
  }

  /** The image that `up` or `upgrade` made, if there is one. */
  private image(architecture: Architecture): ec2.IMachineImage {
    const id = new CfnParameter(this, IMAGE_PARAMETER, {
      type: 'String',
      default: '',
      allowedPattern: '(ami-[0-9a-f]{8,17})?',
      description: 'Machine image with all packages installed; empty: Debian’s newest',
    });
    const given = new CfnCondition(this, `${IMAGE_PARAMETER}Given`, {
      expression: Fn.conditionNot(Fn.conditionEquals(id.valueAsString, '')),
    });
    return {
      getImage: (scope) => {
        const debian = debianImage(architecture).getImage(scope);
        const chosen = Fn.conditionIf(given.logicalId, id.valueAsString, debian.imageId);
        return { ...debian, imageId: Token.asString(chosen) };
      },
    };
  }

  private zone(deployment: Deployment): route53.IHostedZone | undefined {
    if (deployment.dns.kind !== 'route53') return undefined;
    const id = new CfnParameter(this, ZONE_PARAMETER, {
      // CloudFormation would look up a value of type AWS::Route53::HostedZone::Id, with the caller's permissions.
      // `up` has just looked it up itself.
      type: 'String',
      allowedPattern: '[A-Z0-9]{1,32}',
      description: `Route 53 hosted zone of ${deployment.dns.zone}`,
    });
    return route53.HostedZone.fromHostedZoneAttributes(this, 'Zone', {
      hostedZoneId: id.valueAsString,
      zoneName: deployment.dns.zone,
    });
  }

  /** The user's own certificate, or the one validated by manual records; undefined if the stack creates one. */
  private certificate(deployment: Deployment): acm.ICertificate | undefined {
    if (deployment.certificate)
      return acm.Certificate.fromCertificateArn(this, 'OwnCertificate', deployment.certificate);
    if (deployment.dns.kind !== 'manual') return undefined;
    const arn = new CfnParameter(this, CERTIFICATE_PARAMETER, {
      type: 'String',
      description: `Certificate for ${deployment.domain}, which convoke asked for`,
    });
    return acm.Certificate.fromCertificateArn(this, 'ProvenCertificate', arn.valueAsString);
  }

  /** Anyone who knows a webhook's address can post to it, so the addresses are kept in a secret. */
  private webhooks(deployment: Deployment): secrets.ISecret | undefined {
    if (deployment.alerts.webhooks.length === 0) return undefined;
    const addresses = new CfnParameter(this, WEBHOOKS_PARAMETER, {
      type: 'String',
      noEcho: true,
      description: 'Addresses of webhooks for alerts, one on each line',
    });
    return new secrets.Secret(this, 'WebhooksSecret', {
      secretName: webhooksName(deployment.name),
      description: `convoke ${deployment.name}: addresses of webhooks for alerts`,
      secretStringValue: SecretValue.cfnParameter(addresses),
    });
  }

  /** The bucket is in a stack of its own, which stays when this one is deleted. */
  private recording({ name, recording }: Deployment): Pick<JitsiMeetProps, 'recording' | 'recordingsBucket'> {
    if (!recording) return {};
    const { keepDays, ...given } = recording;
    const bucketName = recordingsBucketName(name, this.account, this.region);
    return {
      recording: { ...given, keep: keepDays === undefined ? 'forever' : `${keepDays}d` },
      recordingsBucket: s3.Bucket.fromBucketName(this, 'RecordingsBucket', bucketName),
    };
  }

  private output(id: string, description: string, value: string): void {
    new CfnOutput(this, id, { description, value });
  }
}

/**
 * Makes CDK use the deployment's own bootstrap stack: its bucket, and roles that are limited to what a deployment
 * needs.
 */
function synthesizer(deployment: Deployment): DefaultStackSynthesizer {
  const arn = (purpose: 'deploy' | 'publish' | 'execute') =>
    `arn:\${AWS::Partition}:iam::\${AWS::AccountId}:role/${roleName(deployment.name, purpose, '${AWS::Region}')}`;
  return new DefaultStackSynthesizer({
    qualifier: qualifier(deployment.name),
    fileAssetsBucketName: assetsBucketName(deployment.name, '${AWS::AccountId}', '${AWS::Region}'),
    deployRoleArn: arn('deploy'),
    fileAssetPublishingRoleArn: arn('publish'),
    cloudFormationExecutionRole: arn('execute'),
    // The same program deploys the bootstrap stack just before; a version parameter would only be one more resource
    // to delete.
    generateBootstrapVersionRule: false,
    useLookupRoleForStackOperations: false,
  });
}
