import {
  type aws_certificatemanager as acm,
  type aws_autoscaling as autoscaling,
  Duration,
  aws_ec2 as ec2,
  aws_elasticloadbalancingv2 as elb,
  aws_route53 as route53,
  aws_route53_targets as route53Targets,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { turnName } from '../config/turn.js';
import { PORTS } from '../contract/ports.js';

export interface TurnProps {
  readonly vpc: ec2.IVpc;
  /** Public subnets for the load balancer, one in each availability zone. */
  readonly subnets: readonly ec2.ISubnet[];
  /** Name of the load balancer and its target group. */
  readonly name: string;
  /** Host name of the meeting page; TURN is at `turn.<domain>`. */
  readonly domain: string;
  /** Hosted zone for the alias record. Unset: the user creates the record elsewhere. */
  readonly zone?: route53.IHostedZone;
  /** Certificate for `turn.<domain>`. */
  readonly certificate: acm.ICertificate;
}

/**
 * The ingress for media of participants whose network blocks UDP: TURN over TLS on 443, with its own name and
 * addresses. A network load balancer terminates TLS; coturn on the shards relays to bridges only.
 */
export class Turn extends Construct {
  readonly balancer: elb.NetworkLoadBalancer;
  private readonly securityGroup: ec2.SecurityGroup;
  private readonly targetGroup: elb.NetworkTargetGroup;

  constructor(scope: Construct, id: string, props: TurnProps) {
    super(scope, id);
    this.securityGroup = new ec2.SecurityGroup(this, 'SecurityGroup', {
      vpc: props.vpc,
      description: `convoke ${props.name}: load balancer of TURN`,
      allowAllOutbound: false,
    });
    this.securityGroup.addIngressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(443), 'TURN over TLS');

    this.balancer = new elb.NetworkLoadBalancer(this, 'Balancer', {
      // Named, so that permissions can be limited to this load balancer.
      loadBalancerName: props.name,
      vpc: props.vpc,
      vpcSubnets: { subnets: [...props.subnets] },
      internetFacing: true,
      securityGroups: [this.securityGroup],
      // A zone may temporarily have no shard; its address has to work anyway.
      crossZoneEnabled: true,
    });
    this.targetGroup = new elb.NetworkTargetGroup(this, 'Shards', {
      targetGroupName: props.name,
      vpc: props.vpc,
      port: PORTS.turn,
      protocol: elb.Protocol.TCP,
      targetType: elb.TargetType.INSTANCE,
      // The shards do not use the participant's address here.
      preserveClientIp: false,
      // Checks HAProxy, which listens while the edge is alive, independently of the relay: a failed relay must not
      // have the shard replaced, with its meetings.
      healthCheck: {
        protocol: elb.Protocol.TCP,
        interval: Duration.seconds(5),
        timeout: Duration.seconds(3),
        healthyThresholdCount: 2,
        unhealthyThresholdCount: 2,
      },
      deregistrationDelay: Duration.seconds(10),
    });
    this.balancer.addListener('Tls', {
      port: 443,
      protocol: elb.Protocol.TLS,
      certificates: [props.certificate],
      sslPolicy: elb.SslPolicy.TLS13_RES,
      defaultTargetGroups: [this.targetGroup],
    });

    if (props.zone) {
      new route53.ARecord(this, 'Alias', {
        zone: props.zone,
        recordName: turnName(props.domain),
        target: route53.RecordTarget.fromAlias(new route53Targets.LoadBalancerTarget(this.balancer)),
      });
    }
  }

  /** Lets the load balancer send to the shards only. */
  serve(groups: readonly autoscaling.AutoScalingGroup[], shards: ec2.SecurityGroup): void {
    for (const group of groups) this.targetGroup.addTarget(group);
    this.securityGroup.connections.allowTo(shards, ec2.Port.tcp(PORTS.turn), 'TURN, without its TLS');
  }
}
