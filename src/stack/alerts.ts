import {
  type aws_certificatemanager as acm,
  aws_events as events,
  aws_iam as iam,
  aws_sns as sns,
  aws_sns_subscriptions as subscriptions,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { ruleName } from '../contract/names.js';

export interface AlertsProps {
  readonly deployment: string;
  readonly domain: string;
  /** E-mail addresses; AWS asks each once to confirm. */
  readonly emails: readonly string[];
  /** Topic to publish to. @default - one is created */
  readonly topic?: sns.ITopic;
}

/** Groups to tell about, by name. */
export interface Watched {
  /** Groups of a fixed size: every launch and end is news. */
  readonly fixed: readonly string[];
  /** Groups that grow and shrink with the load. */
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
 * Days before its end on which a certificate is mailed about. ACM sends an event each day, from the 45th on for imported and
 * private certificates and from the 30th on for public ones; a mail each day nobody would read.
 */
const DAYS_OF_MAIL = [45, 30, 14, 7, 3, 2, 1];

/** Source of the event by which `up` proves that a rule's mail is sent. */
export const MAIL_CHECK_SOURCE = 'convoke.check';

/** What rules that send mail are called, in two zones. A rule that a deployment does not have is not missed. */
export const MAIL_RULES: readonly string[] = [
  'mail-check',
  'certificate-ending',
  'certificate-ended',
  ...['terminated', 'launched', 'lost', 'launch-failed'].flatMap((what) => [`${what}-0`, `${what}-1`]),
];

/** Facts that EventBridge takes out of an Auto Scaling event. */
const FACT = {
  machine: events.EventField.fromPath('$.detail.EC2InstanceId'),
  group: events.EventField.fromPath('$.detail.AutoScalingGroupName'),
  cause: events.EventField.fromPath('$.detail.Cause'),
  status: events.EventField.fromPath('$.detail.StatusMessage'),
  time: events.EventField.fromPath('$.time'),
  days: events.EventField.fromPath('$.detail.DaysToExpiry'),
};

/** The mail that a person gets when something happens to a machine: what happened, where, why, and what to do. */
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
        topicName: `convoke-${props.deployment}-alerts`,
        displayName: `convoke ${props.domain}`.slice(0, 100),
        enforceSSL: true,
      });
    for (const email of props.emails) this.topic.addSubscription(new subscriptions.EmailSubscription(email));
    // Without a condition: EventBridge publishes to no topic whose policy lets it do so under one, such as aws:SourceArn.
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
        description: 'convoke asks whether mail is sent',
        eventPattern: { source: [MAIL_CHECK_SOURCE], detail: { deployment: [props.deployment] } },
      },
      [
        `convoke has deployed ${props.domain}, or changed it.`,
        'Mails about its machines and its certificate come the same way as this one. What now: nothing.',
      ],
    );
  }

  /**
   * Mails about the launches and ends of the machines of some Auto Scaling groups, and of no other groups.
   *
   * The zone stands in the event under a key with a space, which EventBridge can match but not quote:
   * so each zone has rules of its own that know its name.
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
        `Machine ${FACT.machine} of ${FACT.group} in zone ${zone}, at ${FACT.time}.`,
        `Why: ${FACT.cause}`,
        'What now: nothing. Unless you are taking it down, a replacement starts by itself; convoke status shows it.',
      ];
      rule('Terminated', 'EC2 Instance Terminate Successful', [
        `A machine of ${this.domain} has ended.`,
        ...ended,
      ]);
      rule('Launched', 'EC2 Instance Launch Successful', [
        `A machine of ${this.domain} has started.`,
        `Machine ${FACT.machine} of ${FACT.group} in zone ${zone}, at ${FACT.time}.`,
        `Why: ${FACT.cause}`,
        'What now: nothing. It serves as soon as it is installed; convoke status shows when.',
      ]);
      if (groups.scaling.length > 0) {
        // That bridges come and go with the load is no news; that one was sick is.
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
          `A machine of ${this.domain} could not be started.`,
          `Group ${FACT.group}, zone ${zone}, at ${FACT.time}: ${FACT.status}`,
          `Why: ${FACT.cause}`,
          'What now: Auto Scaling goes on trying. If mails like this go on, another instance type or a higher quota helps.',
        ],
      });
    }
  }

  /**
   * Mails before a certificate ends, and when one that AWS issued has ended: of imported ones ACM does not say that. AWS
   * renews what it issued before the first mail, unless something prevents it.
   * `given`: by the person, who may have imported it; else it was made for the stack.
   */
  watchCertificate(certificate: acm.ICertificate, whose: 'given' | 'made'): void {
    const proof = 'see that the record that proves the domain (a CNAME whose name begins with _) is in DNS';
    const details = 'The certificate stands in the ACM console with the record.';
    const now = {
      given: `if you imported it, import a newer one under the same ARN; if AWS issued it, ${proof}.`,
      made: `AWS renews it by itself and has not been able to: ${proof}.`,
    }[whose];
    const pattern = (detailType: string) => ({
      source: ['aws.acm'],
      detailType: [detailType],
      resources: [certificate.certificateArn],
    });
    this.rule(
      'CertificateEnding',
      {
        description: 'The certificate ends soon',
        eventPattern: {
          ...pattern('ACM Certificate Approaching Expiration'),
          detail: { DaysToExpiry: DAYS_OF_MAIL },
        },
      },
      [
        `The certificate of ${this.domain} ends in ${FACT.days} days.`,
        `Certificate ${certificate.certificateArn}, told at ${FACT.time}.`,
        'Why it matters: after that no browser opens the page, and nobody can meet.',
        `What now: ${now} ${details}`,
      ],
    );
    this.rule(
      'CertificateEnded',
      { description: 'The certificate has ended', eventPattern: pattern('ACM Certificate Expired') },
      [
        `The certificate of ${this.domain} has ended: no browser opens the page.`,
        `Certificate ${certificate.certificateArn}, told at ${FACT.time}.`,
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
