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

/** Where EventBridge finds facts in an Auto Scaling event; its paths are in dot notation even where a key has a space. */
const FACT = {
  machine: events.EventField.fromPath('$.detail.EC2InstanceId'),
  zone: events.EventField.fromPath('$.detail.Details.Availability Zone'),
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

  /** Mails about the launches and ends of one Auto Scaling group's machines, and of no other group's. */
  watch(id: string, groupName: string): void {
    this.rule(`${id}Terminated`, groupName, 'EC2 Instance Terminate Successful', [
      `A machine of ${this.domain} has ended.`,
      `Machine ${FACT.machine} in zone ${FACT.zone}, at ${FACT.time}.`,
      `Why: ${FACT.cause}`,
      'What now: nothing. A replacement is started by itself; "convoke status" shows it.',
    ]);
    this.rule(`${id}Launched`, groupName, 'EC2 Instance Launch Successful', [
      `A machine of ${this.domain} has started.`,
      `Machine ${FACT.machine} in zone ${FACT.zone}, at ${FACT.time}.`,
      `Why: ${FACT.cause}`,
      'What now: nothing. It serves as soon as it is installed; "convoke status" shows when.',
    ]);
    this.rule(`${id}LaunchFailed`, groupName, 'EC2 Instance Launch Unsuccessful', [
      `A machine of ${this.domain} could not be started.`,
      `Zone ${FACT.zone}, at ${FACT.time}: ${FACT.status}`,
      `Why: ${FACT.cause}`,
      'What now: Auto Scaling goes on trying, in the other zone too. If mails like this go on, another instance type or a higher quota helps.',
    ]);
  }

  private rule(id: string, groupName: string, detailType: string, sentences: readonly string[]): void {
    const rule = new events.Rule(this, id, {
      description: `${detailType}: ${groupName}`,
      eventPattern: {
        source: ['aws.autoscaling'],
        detailType: [detailType],
        detail: { AutoScalingGroupName: [groupName] },
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
