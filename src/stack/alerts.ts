import {
  aws_events as events,
  aws_iam as iam,
  aws_sns as sns,
  aws_sns_subscriptions as subscriptions,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';

export interface AlertsProps {
  readonly deployment: string;
  readonly domain: string;
  /** E-mail address; AWS asks it once to confirm. */
  readonly email: string;
}

/** Facts that EventBridge takes out of an Auto Scaling event. */
const FACT = {
  machine: events.EventField.fromPath('$.detail.EC2InstanceId'),
  cause: events.EventField.fromPath('$.detail.Cause'),
  status: events.EventField.fromPath('$.detail.StatusMessage'),
  time: events.EventField.fromPath('$.time'),
};

/** The mail that a person gets when something happens to a machine: what happened, where, why, and what to do. */
export class Alerts extends Construct {
  readonly topic: sns.Topic;
  private readonly domain: string;

  constructor(scope: Construct, id: string, props: AlertsProps) {
    super(scope, id);
    this.domain = props.domain;
    this.topic = new sns.Topic(this, 'Topic', {
      topicName: `convoke-${props.deployment}-alerts`,
      displayName: `convoke ${props.domain}`.slice(0, 100),
      enforceSSL: true,
    });
    this.topic.addSubscription(new subscriptions.EmailSubscription(props.email));
  }

  /**
   * Mails about the launches and ends of one Auto Scaling group's machines, and of no other group's.
   *
   * The zone stands in the event under a key with a space, which EventBridge can match but not quote:
   * so each zone has rules of its own that know its name.
   */
  watch(id: string, groupName: string, zones: readonly string[]): void {
    for (const [index, zone] of zones.entries()) {
      const rule = (what: string, detailType: string, sentences: readonly string[]) =>
        this.rule(`${id}${what}${index}`, groupName, zone, detailType, sentences);
      rule('Terminated', 'EC2 Instance Terminate Successful', [
        `A machine of ${this.domain} has ended.`,
        `Machine ${FACT.machine} in zone ${zone}, at ${FACT.time}.`,
        `Why: ${FACT.cause}`,
        'What now: nothing. Unless you are taking it down, a replacement starts by itself; convoke status shows it.',
      ]);
      rule('Launched', 'EC2 Instance Launch Successful', [
        `A machine of ${this.domain} has started.`,
        `Machine ${FACT.machine} in zone ${zone}, at ${FACT.time}.`,
        `Why: ${FACT.cause}`,
        'What now: nothing. It serves as soon as it is installed; convoke status shows when.',
      ]);
      rule('LaunchFailed', 'EC2 Instance Launch Unsuccessful', [
        `A machine of ${this.domain} could not be started.`,
        `Zone ${zone}, at ${FACT.time}: ${FACT.status}`,
        `Why: ${FACT.cause}`,
        'What now: Auto Scaling goes on trying, in the other zone too. If mails like this go on, another instance type or a higher quota helps.',
      ]);
    }
  }

  private rule(
    id: string,
    groupName: string,
    zone: string,
    detailType: string,
    sentences: readonly string[],
  ): void {
    const rule = new events.Rule(this, id, {
      description: `${detailType}: ${groupName}`,
      eventPattern: {
        source: ['aws.autoscaling'],
        detailType: [detailType],
        detail: { AutoScalingGroupName: [groupName], Details: { 'Availability Zone': [zone] } },
      },
    });
    const input = events.RuleTargetInput.fromMultilineText(sentences.join('\n'));
    // Bound by hand: the ready-made target lets every rule of the account publish; this lets this rule alone.
    rule.addTarget({ bind: () => ({ arn: this.topic.topicArn, input, targetResource: this.topic }) });
    this.topic.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: `${id}Publishes`,
        principals: [new iam.ServicePrincipal('events.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.topic.topicArn],
        conditions: { ArnEquals: { 'aws:SourceArn': rule.ruleArn } },
      }),
    );
  }
}
