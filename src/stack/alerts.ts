import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  Aws,
  type CfnResource,
  aws_cloudwatch as cloudwatch,
  aws_cloudwatch_actions as cloudwatchActions,
  Duration,
  aws_events as events,
  aws_iam as iam,
  aws_lambda as lambda,
  aws_logs as logs,
  RemovalPolicy,
  Stack,
  type aws_secretsmanager as secrets,
  aws_sns as sns,
  aws_ssm as ssm,
  aws_sns_subscriptions as subscriptions,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import {
  ALARMS,
  ALERTS_HANDLER,
  type AlertSettings,
  type DIRECT_ALARMS,
  type Language,
  SETTINGS_VARIABLE,
} from '../contract/alerts.js';
import {
  ALERTS_ARCHIVE,
  ALERTS_RULE,
  alarmName,
  alertsName,
  HOURS_RULE,
  MAIL_CHECK_SOURCE,
  machineRoleName,
  ruleName,
} from '../contract/names.js';
import { addAlarms, constructId } from './alarms.js';
import { NODE_BUNDLE_FOLDER } from './node-files.js';
import type { Watched } from './watched.js';

export interface AlertsProps {
  readonly deployment: string;
  readonly domain: string;
  /** E-mail addresses; AWS asks each once to confirm. */
  readonly emails: readonly string[];
  /** Secret with the addresses of webhooks, one on each line. @default - none */
  readonly webhooks?: secrets.ISecret;
  readonly language: Language;
  /** Topic to publish to. @default - one is created */
  readonly topic?: sns.ITopic;
}

/** Auto Scaling's events that mail may be about. The function tells failures from planned changes. */
const ACTIVITIES = [
  'EC2 Instance Terminate Successful',
  'EC2 Instance Launch Successful',
  'EC2 Instance Launch Unsuccessful',
];

/** Alarms about alerts themselves publish to the topic directly, as CloudWatch's own mail with this text in it. */
const DIRECT = {
  'not-invoked': {
    en: 'EventBridge could not invoke the function that sends alerts, so mail about failures is missing. Check whether the permissions of the function, or the rule, were changed; "convoke status" shows the deployment.',
    de: 'EventBridge konnte die Funktion nicht aufrufen, die Mails verschickt; Mails über Störungen fehlen. Prüfen, ob die Berechtigungen der Funktion oder die Regel geändert wurden; "convoke status" zeigt den Zustand.',
  },
  failing: {
    en: 'The function that sends alerts failed, so mail may be missing. Its log group in CloudWatch shows why; "convoke status" shows the deployment.',
    de: 'Die Funktion, die Mails verschickt, ist fehlgeschlagen; Mails können fehlen. Ihre Log-Gruppe in CloudWatch zeigt den Grund, "convoke status" den Zustand.',
  },
  undelivered: {
    en: 'An alert could not be delivered to one of the mail addresses. Check the addresses under "alerts" in convoke.yaml; "convoke status" shows the deployment.',
    de: 'Eine Mail konnte an eine der Adressen nicht zugestellt werden. Die Adressen unter "alerts" in convoke.yaml prüfen; "convoke status" zeigt den Zustand.',
  },
} as const satisfies Record<(typeof DIRECT_ALARMS)[number], Record<Language, string>>;

/**
 * Mail for the `alerts` addresses when something fails: one when an incident begins, one when it is over. A rule passes
 * events of the deployment to a function, which decides and publishes to a topic (`src/alerts`).
 */
export class Alerts extends Construct {
  readonly topic: sns.ITopic;
  private readonly props: AlertsProps;

  constructor(scope: Construct, id: string, props: AlertsProps) {
    super(scope, id);
    this.props = props;
    this.topic =
      props.topic ??
      new sns.Topic(this, 'Topic', {
        topicName: alertsName(props.deployment),
        displayName: `convoke ${props.domain}`.slice(0, 100),
        enforceSSL: true,
      });
    for (const email of props.emails) this.topic.addSubscription(new subscriptions.EmailSubscription(email));
    this.topic.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: 'AlarmsPublish',
        principals: [new iam.ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    );
  }

  /** Sends mail about these resources. Called once. */
  watch(watched: Watched): void {
    const log = new ssm.StringParameter(this, 'Log', {
      parameterName: alertsName(this.props.deployment),
      description: 'The last events that mail is about. Each is a version of this parameter.',
      stringValue: '{}',
    });
    const mailer = this.mailer(watched, log);
    const rule = this.rule(watched, mailer);
    if (watched.hours) this.hoursRule(mailer);
    addAlarms(this, this.props.deployment, watched);
    this.directAlarm('not-invoked', {
      namespace: 'AWS/Events',
      metricName: 'FailedInvocations',
      dimensionsMap: { RuleName: rule },
    });
    this.directAlarm('failing', {
      namespace: 'AWS/Lambda',
      metricName: 'Errors',
      dimensionsMap: { FunctionName: alertsName(this.props.deployment) },
    });
    // One address may be wrong while another one gets mail.
    this.directAlarm('undelivered', {
      namespace: 'AWS/SNS',
      metricName: 'NumberOfNotificationsFailed',
      dimensionsMap: { TopicName: this.topic.topicName },
    });
  }

  /** The alarms that send mail. */
  get alarms(): readonly cloudwatch.Alarm[] {
    return this.node.children.filter((child) => child instanceof cloudwatch.Alarm);
  }

  private mailer(watched: Watched, log: ssm.StringParameter): lambda.Function {
    const { deployment, domain, language, webhooks } = this.props;
    const { region } = Stack.of(this);
    const logGroup = new logs.LogGroup(this, 'LogGroup', {
      logGroupName: alertsName(deployment),
      retention: logs.RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new iam.Role(this, 'Role', {
      roleName: machineRoleName(alertsName(deployment), region),
      description: `convoke ${deployment}: sends alerts`,
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
    });
    const allow = (sid: string, actions: string[], resources: string[], conditions?: object) =>
      role.addToPolicy(
        new iam.PolicyStatement({
          sid,
          actions,
          resources,
          ...(conditions && { conditions: { ...conditions } }),
        }),
      );
    allow('WriteOwnLog', ['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroup.logGroupArn]);
    allow('OwnEvents', ['ssm:GetParameterHistory', 'ssm:PutParameter'], [log.parameterArn]);
    allow('Publish', ['sns:Publish'], [this.topic.topicArn]);
    // Neither action supports resources; both only read.
    allow(
      'See',
      ['autoscaling:DescribeScalingActivities', 'elasticloadbalancing:DescribeTargetHealth'],
      ['*'],
      { StringEquals: { 'aws:RequestedRegion': Aws.REGION } },
    );
    if (watched.hours) {
      allow('SeeRule', ['elasticloadbalancing:DescribeRules'], ['*'], {
        StringEquals: { 'aws:RequestedRegion': Aws.REGION },
      });
      allow('OpenAndClosePage', ['elasticloadbalancing:ModifyRule'], [watched.hours.rule]);
    }
    if (webhooks) allow('ReadWebhooks', ['secretsmanager:GetSecretValue'], [webhooks.secretArn]);

    const archive = join(NODE_BUNDLE_FOLDER, ALERTS_ARCHIVE);
    const settings: AlertSettings = {
      deployment,
      domain,
      region,
      language,
      shards: [...watched.shards],
      ...(watched.bridges && { bridges: watched.bridges.group }),
      ...(watched.recorders && { recorders: watched.recorders }),
      targetGroup: watched.targetGroup.targetGroupArn,
      topic: this.topic.topicArn,
      log: log.parameterName,
      ...(webhooks && { webhooks: webhooks.secretArn }),
      ownCertificate: watched.ownCertificate,
      ...(watched.hours && {
        hours: {
          open: [...watched.hours.open],
          timezone: watched.hours.timezone,
          rule: watched.hours.rule,
        },
      }),
    };
    const mailer = new lambda.Function(this, 'Function', {
      functionName: alertsName(deployment),
      description: `convoke ${deployment}: sends mail when something fails`,
      runtime: lambda.Runtime.NODEJS_22_X,
      architecture: lambda.Architecture.ARM_64,
      handler: ALERTS_HANDLER,
      code: lambda.Code.fromAsset(archive, {
        assetHash: createHash('sha256').update(readFileSync(archive)).digest('hex'),
      }),
      memorySize: 256,
      // It waits for a new machine to serve before it says that all is well.
      timeout: Duration.minutes(15),
      role,
      logGroup,
      // An event that failed three times is published as it is.
      deadLetterTopic: this.topic,
      environment: { [SETTINGS_VARIABLE]: Stack.of(this).toJsonString(settings) },
    });
    // CDK adds the role too, which the function references anyway.
    const rights = role.node.findChild('DefaultPolicy').node.defaultChild as CfnResource;
    (mailer.node.defaultChild as CfnResource).addOverride('DependsOn', [Stack.of(this).getLogicalId(rights)]);
    return mailer;
  }

  /** One rule for all events, so that the mail check of `up` proves the way of every mail. */
  private rule({ shards, bridges, recorders, certificate }: Watched, mailer: lambda.Function): string {
    const name = ruleName(this.props.deployment, ALERTS_RULE);
    const rule = new events.CfnRule(this, 'Rule', {
      name,
      description: 'Events that mail may be about',
      eventPattern: {
        $or: [
          {
            source: ['aws.autoscaling'],
            'detail-type': ACTIVITIES,
            detail: {
              AutoScalingGroupName: [
                ...shards,
                ...(bridges ? [bridges.group] : []),
                ...(recorders ? [recorders] : []),
              ],
            },
          },
          {
            source: ['aws.cloudwatch'],
            'detail-type': ['CloudWatch Alarm State Change'],
            detail: { alarmName: ALARMS.map((alarm) => alarmName(this.props.deployment, alarm)) },
          },
          {
            source: ['aws.acm'],
            'detail-type': ['ACM Certificate Approaching Expiration', 'ACM Certificate Expired'],
            resources: [certificate.certificateArn],
          },
          { source: [MAIL_CHECK_SOURCE], detail: { deployment: [this.props.deployment] } },
        ],
      },
      targets: [{ id: 'Function', arn: mailer.functionArn }],
    });
    mailer.addPermission('Events', {
      principal: new iam.ServicePrincipal('events.amazonaws.com'),
      sourceArn: rule.attrArn,
    });
    return name;
  }

  /**
   * The page opens and closes with events of the groups. This also invokes the function every five minutes, for an event that
   * was lost.
   */
  private hoursRule(mailer: lambda.Function): void {
    const rule = new events.CfnRule(this, 'HoursRule', {
      name: ruleName(this.props.deployment, HOURS_RULE),
      description: 'Has the page say when it opens, while it is closed',
      scheduleExpression: 'rate(5 minutes)',
      targets: [{ id: 'Function', arn: mailer.functionArn }],
    });
    mailer.addPermission('Hours', {
      principal: new iam.ServicePrincipal('events.amazonaws.com'),
      sourceArn: rule.attrArn,
    });
  }

  private directAlarm(
    name: keyof typeof DIRECT,
    metric: Pick<cloudwatch.MetricProps, 'namespace' | 'metricName' | 'dimensionsMap'>,
  ): void {
    const alarm = new cloudwatch.Alarm(this, constructId(name), {
      alarmName: alarmName(this.props.deployment, name),
      alarmDescription: DIRECT[name][this.props.language],
      metric: new cloudwatch.Metric({ ...metric, statistic: 'Sum', period: Duration.minutes(5) }),
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      threshold: 1,
      evaluationPeriods: 1,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new cloudwatchActions.SnsAction(this.topic));
  }
}
