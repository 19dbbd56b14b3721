import {
  aws_certificatemanager as acm,
  type aws_autoscaling as autoscaling,
  Duration,
  type aws_ec2 as ec2,
  aws_elasticloadbalancingv2 as elb,
  aws_route53 as route53,
  aws_route53_targets as route53Targets,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { Hours } from '../config/hours.js';
import type { Language } from '../contract/alerts.js';
import { CLOSED_PATHS } from '../contract/closed-page.js';
import { EDGE_HEALTH_PATH } from '../contract/machine-layout.js';
import { PORTS } from '../contract/ports.js';
import { closedPage } from './closed-page.js';

export interface IngressProps {
  readonly vpc: ec2.IVpc;
  /** Public subnets for the load balancer, one in each availability zone. */
  readonly subnets: readonly ec2.ISubnet[];
  /** Name of the load balancer and its target group. */
  readonly name: string;
  /** Host name of the meeting page. */
  readonly domain: string;
  /** Additional host names of the certificate. */
  readonly otherNames?: readonly string[];
  /**
   * Hosted zone for the alias record and the certificate's validation. Unset: the user creates the record elsewhere.
   */
  readonly zone?: route53.IHostedZone;
  /** Certificate for all these names. Default: created and validated in `zone`. */
  readonly certificate?: acm.ICertificate;
}

/**
 * The ingress for web traffic: an application load balancer with TLS 1.2 or newer, and a redirect from port 80 to
 * 443.
 *
 * It distributes requests over all shards and does not know rooms; each shard's HAProxy routes them to the room's
 * shard.
 */
export class Ingress extends Construct {
  readonly balancer: elb.ApplicationLoadBalancer;
  readonly targetGroup: elb.ApplicationTargetGroup;
  /** The listener of the page. */
  readonly listener: elb.ApplicationListener;
  readonly certificate: acm.ICertificate;

  constructor(scope: Construct, id: string, props: IngressProps) {
    super(scope, id);
    const { zone } = props;
    this.certificate = props.certificate ?? this.validatedCertificate(props);

    this.balancer = new elb.ApplicationLoadBalancer(this, 'Balancer', {
      // Named, so that permissions can be limited to this load balancer.
      loadBalancerName: props.name,
      vpc: props.vpc,
      vpcSubnets: { subnets: [...props.subnets] },
      internetFacing: true,
      http2Enabled: true,
      dropInvalidHeaderFields: true,
      // A participant's WebSocket is idle between keep-alives; the default of one minute would close it.
      idleTimeout: Duration.hours(1),
    });

    this.targetGroup = new elb.ApplicationTargetGroup(this, 'Shards', {
      targetGroupName: props.name,
      vpc: props.vpc,
      port: PORTS.edge,
      protocol: elb.ApplicationProtocol.HTTP,
      targetType: elb.TargetType.INSTANCE,
      healthCheck: {
        path: EDGE_HEALTH_PATH,
        healthyHttpCodes: '200',
        // The fastest that AWS allows: every 5 s, 2 in a row.
        interval: Duration.seconds(5),
        timeout: Duration.seconds(3),
        healthyThresholdCount: 2,
        unhealthyThresholdCount: 2,
      },
      deregistrationDelay: Duration.seconds(10),
    });

    this.listener = this.balancer.addListener('Https', {
      port: 443,
      certificates: [this.certificate],
      sslPolicy: elb.SslPolicy.TLS13_RES,
      defaultTargetGroups: [this.targetGroup],
    });
    this.balancer.addRedirect();

    if (zone) {
      new route53.ARecord(this, 'Alias', {
        zone,
        recordName: props.domain,
        target: route53.RecordTarget.fromAlias(new route53Targets.LoadBalancerTarget(this.balancer)),
      });
    }
  }

  /** The rule that shows another page while the deployment is closed; open at first. Returns its ARN. */
  closedPage(hours: Hours, language: Language): string {
    const rule = new elb.CfnListenerRule(this, 'Closed', {
      listenerArn: this.listener.listenerArn,
      priority: 1,
      conditions: [{ field: 'path-pattern', pathPatternConfig: { values: [CLOSED_PATHS.open] } }],
      actions: [
        {
          type: 'fixed-response',
          fixedResponseConfig: {
            statusCode: '503',
            contentType: 'text/html',
            messageBody: closedPage(hours, language),
          },
        },
      ],
    });
    return rule.ref;
  }

  /** Lets the load balancer send requests to a group of shards. */
  serve(group: autoscaling.AutoScalingGroup): void {
    this.targetGroup.addTarget(group);
  }

  private validatedCertificate({ domain, otherNames = [], zone }: IngressProps): acm.ICertificate {
    if (!zone) {
      throw new Error(
        `No certificate for ${domain}: give a certificate, or a hosted zone to validate one in.`,
      );
    }
    return new acm.Certificate(this, 'Certificate', {
      domainName: domain,
      ...(otherNames.length > 0 && { subjectAlternativeNames: [...otherNames] }),
      validation: acm.CertificateValidation.fromDns(zone),
    });
  }
}
