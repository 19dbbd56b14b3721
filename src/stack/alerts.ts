import {
  type aws_certificatemanager as acm,
  aws_events as events,
  aws_iam as iam,
  aws_sns as sns,
  aws_sns_subscriptions as subscriptions,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { alertsTopicName, MAIL_CHECK_SOURCE, ruleName } from '../contract/names.js';

export interface AlertsProps {
  readonly deployment: string;
  readonly domain: string;
  /** E-mail addresses; AWS asks each once to confirm. */
  readonly emails: readonly string[];
  /** Topic to publish to. @default - one is created */
  readonly topic?: sns.ITopic;
}

/** Auto Scaling groups to send mail about, by name. */
export interface Watched {
  /** Groups of a fixed size: every launch and termination is reported. */
  readonly fixed: readonly string[];
  /** Groups that scale with the load: only failures are reported. */
  readonly scaling: readonly string[];
}

interface GroupRule {
  readonly detailType: string;
  readonly zone: string;
  readonly groups: readonly string[];
  /** Wildcard that the cause has to match. */
  readonly cause?: string;
  readonly sentences: readonly string[];
}

/**
 * Days before expiry on which a mail is sent. ACM sends an event every day, from day 45 for imported and private
 * certificates and from day 30 for public ones, which is too many mails to be read.
 */
const DAYS_OF_MAIL = [45, 30, 14, 7, 3, 2, 1];

/** Fields that EventBridge extracts from an event. */
const FACT = {
  machine: events.EventField.fromPath('$.detail.EC2InstanceId'),
  group: events.EventField.fromPath('$.detail.AutoScalingGroupName'),
  cause: events.EventField.fromPath('$.detail.Cause'),
  status: events.EventField.fromPath('$.detail.StatusMessage'),
  time: events.EventField.fromPath('$.time'),
  days: events.EventField.fromPath('$.detail.DaysToExpiry'),
};

/** Mail for the `alerts` address when something happens to a machine: what happened, where, why, and what to do. */
export class Alerts extends Construct {
  readonly topic: sns.ITopic;
  private readonly deployment: string;
  private readonly domain: string;

  constructor(scope: Construct, id: string, props: AlertsProps) {
    super(scope, id);
    this.deployment = props.deployment;
    this.domain = props.domain;
    this.topic =
      props.topic ??
      new sns.Topic(this, 'Topic', {
        topicName: alertsTopicName(props.deployment),
        displayName: `convoke ${props.domain}`.slice(0, 100),
        enforceSSL: true,
      });
    for (const email of props.emails) this.topic.addSubscription(new subscriptions.EmailSubscription(email));
    // Without a condition: EventBridge does not publish to topics whose policy has one, such as aws:SourceArn.
    // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
    this.topic.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: 'EventsPublish',
        principals: [new iam.ServicePrincipal('events.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.topic.topicArn],
      }),
    );
    this.rule(
      'MailCheck',
      {
        description: 'convoke checks that mail is delivered',
        eventPattern: { source: [MAIL_CHECK_SOURCE], detail: { deployment: [props.deployment] } },
      },
      [
        `convoke has deployed or changed ${props.domain}.`,
        'Mail about its machines and its certificate arrives the same way as this one. No action needed.',
      ],
    );
  }

  /**
   * Sends mail about launches and terminations in these Auto Scaling groups only.
   *
   * The event has the availability zone under a key with a space, which EventBridge can match but not insert into a
   * text: so each zone has its own rules with its name.
   */
  watch(groups: Watched, zones: readonly string[]): void {
    for (const [index, zone] of zones.entries()) {
      const rule = (what: string, detailType: string, sentences: readonly string[], cause?: string) =>
        this.groupRule(`${what}${index}`, {
          detailType,
          zone,
          groups: cause ? groups.scaling : groups.fixed,
          ...(cause && { cause }),
          sentences,
        });
      const ended = [
        `Machine ${FACT.machine} of ${FACT.group} in availability zone ${zone}, at ${FACT.time}.`,
        `Why: ${FACT.cause}`,
        'No action needed: unless you are deleting the deployment, a replacement is launched automatically. "convoke status" shows it.',
      ];
      rule('Terminated', 'EC2 Instance Terminate Successful', [
        `A machine of ${this.domain} was terminated.`,
        ...ended,
      ]);
      rule('Launched', 'EC2 Instance Launch Successful', [
        `A machine of ${this.domain} was launched.`,
        `Machine ${FACT.machine} of ${FACT.group} in availability zone ${zone}, at ${FACT.time}.`,
        `Why: ${FACT.cause}`,
        'No action needed: it serves once it is installed. "convoke status" shows when.',
      ]);
      if (groups.scaling.length > 0) {
        // Scaling of bridges is not reported; a failed health check is.
        rule(
          'Lost',
          'EC2 Instance Terminate Successful',
          [`A bridge of ${this.domain} was lost.`, ...ended],
          '*health*',
        );
      }
      this.groupRule(`LaunchFailed${index}`, {
        detailType: 'EC2 Instance Launch Unsuccessful',
        zone,
        groups: [...groups.fixed, ...groups.scaling],
        sentences: [
          `A machine of ${this.domain} could not be launched.`,
          `Group ${FACT.group}, availability zone ${zone}, at ${FACT.time}: ${FACT.status}`,
          `Why: ${FACT.cause}`,
          'What now: Auto Scaling keeps trying. If you keep getting this mail, use another instance type or request a higher quota.',
        ],
      });
    }
  }

  /**
   * Sends mail before a certificate expires, and when one that AWS issued has expired: ACM has no such event for
   * imported ones. AWS renews its own certificates before the first mail, unless something prevents it. `given`: the
   * user's, possibly imported; `made`: created for the stack.
   */
  watchCertificate(certificate: acm.ICertificate, whose: 'given' | 'made'): void {
    const proof = 'check that the validation record (a CNAME whose name starts with _) is in DNS';
    const details = 'The ACM console shows the certificate and the record.';
    const now = {
      given: `if you imported it, import a newer one under the same ARN; if AWS issued it, ${proof}.`,
      made: `AWS renews it automatically but could not do so: ${proof}.`,
    }[whose];
    const pattern = (detailType: string) => ({
      source: ['aws.acm'],
      detailType: [detailType],
      resources: [certificate.certificateArn],
    });
    this.rule(
      'CertificateEnding',
      {
        description: 'The certificate expires soon',
        eventPattern: {
          ...pattern('ACM Certificate Approaching Expiration'),
          detail: { DaysToExpiry: DAYS_OF_MAIL },
        },
      },
      [
        `The certificate of ${this.domain} expires in ${FACT.days} days.`,
        `Certificate ${certificate.certificateArn}, as of ${FACT.time}.`,
        'Why it matters: after that browsers refuse to open the page, and nobody can join a meeting.',
        `What now: ${now} ${details}`,
      ],
    );
    this.rule(
      'CertificateEnded',
      { description: 'The certificate has expired', eventPattern: pattern('ACM Certificate Expired') },
      [
        `The certificate of ${this.domain} has expired: browsers refuse to open the page.`,
        `Certificate ${certificate.certificateArn}, as of ${FACT.time}.`,
        `What now: ${now} ${details}`,
      ],
    );
  }

  private groupRule(id: string, on: GroupRule): void {
    this.rule(
      id,
      {
        description: `${on.detailType}, in ${on.zone}`,
        eventPattern: {
          source: ['aws.autoscaling'],
          detailType: [on.detailType],
          detail: {
            AutoScalingGroupName: [...on.groups],
            Details: { 'Availability Zone': [on.zone] },
            ...(on.cause && { Cause: [{ wildcard: on.cause }] }),
          },
        },
      },
      on.sentences,
    );
  }

  private rule(id: string, props: events.RuleProps, sentences: readonly string[]): void {
    const rule = new events.Rule(this, id, { ...props, ruleName: ruleName(this.deployment, kebab(id)) });
    const input = events.RuleTargetInput.fromMultilineText(sentences.join('\n'));
    rule.addTarget({ bind: () => ({ arn: this.topic.topicArn, input, targetResource: this.topic }) });
  }
}

/** `LaunchFailed0` becomes `launch-failed-0`. */
const kebab = (id: string): string => id.replace(/(?<=[a-z])(?=[A-Z0-9])/g, '-').toLowerCase();
