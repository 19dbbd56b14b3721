import { alertsName, budgetPrefix, dashboardName, logsName, MAIL_CHECK_SOURCE } from '../contract/names.js';
import type { Arns } from './arns.js';
import type { ResourceKind } from './kind.js';
import { convoke, down } from './right.js';
import { onOwn, passesRoles, reads, see } from './statements.js';

const alarms: ResourceKind = {
  name: 'alarms',
  types: ['AWS::CloudWatch::Alarm'],
  execution: (arns) => [
    onOwn(
      'OwnAlarms',
      [arns.here('cloudwatch', `alarm:${arns.prefix}-*`)],
      [
        'cloudwatch:DeleteAlarms',
        'cloudwatch:ListTagsForResource',
        'cloudwatch:PutMetricAlarm',
        'cloudwatch:TagResource',
        'cloudwatch:UntagResource',
      ],
    ),
    reads(arns, 'cloudwatch:DescribeAlarms'),
  ],
  deployer: (arns) => [
    see(arns, convoke(['status', 'down'], 'cloudwatch:DescribeAlarms')),
    {
      sid: 'OwnAlarms',
      why: 'To report when alarms were raised, and to delete the alarms that scale bridges or send alerts.',
      resources: [arns.here('cloudwatch', `alarm:${arns.prefix}-*`)],
      calls: [convoke(['report'], 'cloudwatch:DescribeAlarmHistory'), down('cloudwatch:DeleteAlarms')],
    },
  ],
};

const dashboards: ResourceKind = {
  name: 'dashboards',
  types: ['AWS::CloudWatch::Dashboard'],
  execution: (arns) => [
    onOwn(
      'OwnDashboard',
      [dashboardArn(arns)],
      [
        'cloudwatch:DeleteDashboards',
        'cloudwatch:GetDashboard',
        'cloudwatch:ListTagsForResource',
        'cloudwatch:PutDashboard',
        'cloudwatch:TagResource',
        'cloudwatch:UntagResource',
      ],
    ),
  ],
  deployer: (arns) => [
    {
      sid: 'OwnDashboard',
      why: 'To find and delete the dashboard.',
      resources: [dashboardArn(arns)],
      calls: [down('cloudwatch:DeleteDashboards', 'cloudwatch:GetDashboard')],
    },
  ],
};

const dashboardArn = (arns: Arns): string =>
  arns.global('cloudwatch', `dashboard/${dashboardName(arns.deployment, arns.place.region)}`);

const rules: ResourceKind = {
  name: 'event rules',
  types: ['AWS::Events::Rule'],
  execution: (arns) => [
    onOwn(
      'OwnRules',
      [arns.here('events', `rule/${arns.prefix}-*`)],
      [
        'events:DeleteRule',
        'events:DescribeRule',
        'events:ListTagsForResource',
        'events:ListTargetsByRule',
        'events:PutRule',
        'events:PutTargets',
        'events:RemoveTargets',
        'events:TagResource',
        'events:UntagResource',
      ],
    ),
  ],
  deployer: (arns) => [
    see(arns, down('events:ListRules')),
    {
      sid: 'OwnRules',
      why: 'To delete the rule that passes events to the function that sends alerts.',
      resources: [arns.here('events', `rule/${arns.prefix}-*`)],
      calls: [down('events:DeleteRule', 'events:ListTargetsByRule', 'events:RemoveTargets')],
    },
    {
      sid: 'ProveMail',
      why: 'To send the event of the mail check. The condition excludes every other event.',
      resources: [arns.here('events', 'event-bus/default')],
      conditions: { StringEquals: { 'events:source': MAIL_CHECK_SOURCE } },
      calls: [convoke(['up'], 'events:PutEvents')],
    },
  ],
};

const functions: ResourceKind = {
  name: 'functions',
  types: ['AWS::Lambda::Function', 'AWS::Lambda::Permission'],
  execution: (arns) => [
    onOwn(
      'OwnFunction',
      [arns.here('lambda', `function:${arns.prefix}-*`)],
      [
        'lambda:AddPermission',
        'lambda:CreateFunction',
        'lambda:DeleteFunction',
        'lambda:GetFunction',
        'lambda:GetFunctionCodeSigningConfig',
        'lambda:GetFunctionRecursionConfig',
        'lambda:GetFunctionScalingConfig',
        'lambda:GetPolicy',
        'lambda:GetRuntimeManagementConfig',
        'lambda:RemovePermission',
        'lambda:TagResource',
        'lambda:UntagResource',
        'lambda:UpdateFunctionCode',
        'lambda:UpdateFunctionConfiguration',
      ],
    ),
    // Lambda reads the function's code with the caller's permissions.
    onOwn('ReadOwnFiles', [`${arns.bucket}/*`], ['s3:GetObject']),
    passesRoles(arns, 'lambda.amazonaws.com'),
  ],
  deployer: (arns) => [
    {
      sid: 'OwnFunction',
      why: 'To find and delete the function that sends alerts.',
      resources: [arns.here('lambda', `function:${alertsName(arns.deployment)}`)],
      calls: [down('lambda:DeleteFunction', 'lambda:GetFunctionConfiguration')],
    },
  ],
};

/** Actions are evaluated on the group, or on its streams. */
const logGroupArns = (arns: Arns, name: string): string[] =>
  ['', ':*'].map((streams) => arns.here('logs', `log-group:${name}${streams}`));

const logGroups: ResourceKind = {
  name: 'log groups',
  types: ['AWS::Logs::LogGroup'],
  execution: (arns) => [
    onOwn(
      'OwnLogGroup',
      // With the `:*` in which the ARNs of some actions end.
      [arns.here('logs', `log-group:${arns.prefix}-*`)],
      [
        'logs:CreateLogGroup',
        'logs:DeleteDataProtectionPolicy',
        'logs:DeleteLogGroup',
        'logs:DeleteRetentionPolicy',
        'logs:GetDataProtectionPolicy',
        'logs:ListTagsForResource',
        'logs:PutRetentionPolicy',
        'logs:TagResource',
        'logs:UntagResource',
      ],
    ),
    reads(arns, 'logs:DescribeIndexPolicies', 'logs:DescribeLogGroups', 'logs:DescribeResourcePolicies'),
  ],
  deployer: (arns) => [
    see(arns, down('logs:DescribeLogGroups')),
    {
      sid: 'OwnLogGroup',
      why: 'To delete the log groups of machines and of the function that sends alerts.',
      resources: [alertsName, logsName].flatMap((name) => logGroupArns(arns, name(arns.deployment))),
      calls: [down('logs:DeleteLogGroup')],
    },
    {
      sid: 'ReadLogs',
      why: 'To show lines of the machines’ journals.',
      resources: logGroupArns(arns, logsName(arns.deployment)),
      calls: [convoke(['up', 'logs'], 'logs:DescribeLogStreams', 'logs:FilterLogEvents')],
    },
  ],
};

const topics: ResourceKind = {
  name: 'mail topics',
  types: ['AWS::SNS::Topic', 'AWS::SNS::Subscription', 'AWS::SNS::TopicPolicy'],
  execution: (arns) => [
    onOwn(
      'OwnTopic',
      [arns.here('sns', `${arns.prefix}-*`)],
      [
        'sns:CreateTopic',
        'sns:DeleteTopic',
        'sns:GetSubscriptionAttributes',
        'sns:GetTopicAttributes',
        'sns:ListSubscriptionsByTopic',
        'sns:ListTagsForResource',
        'sns:SetSubscriptionAttributes',
        'sns:SetTopicAttributes',
        'sns:Subscribe',
        'sns:TagResource',
        'sns:Unsubscribe',
        'sns:UntagResource',
      ],
    ),
  ],
  deployer: (arns) => [
    see(arns, down('sns:ListTopics')),
    {
      sid: 'OwnTopic',
      why: 'To check whether the mail address confirmed its subscription, and to delete the topic.',
      resources: [arns.here('sns', `${arns.prefix}-*`)],
      calls: [convoke(['up', 'status'], 'sns:ListSubscriptionsByTopic'), down('sns:DeleteTopic')],
    },
  ],
};

const budgetArn = (arns: Arns): string =>
  arns.global('budgets', `budget/${budgetPrefix(arns.deployment, arns.place.region)}*`);

const budgets: ResourceKind = {
  name: 'budgets',
  types: ['AWS::Budgets::Budget'],
  execution: (arns) => [
    onOwn(
      'OwnBudget',
      [budgetArn(arns)],
      [
        'budgets:ListTagsForResource',
        'budgets:ModifyBudget',
        'budgets:TagResource',
        'budgets:UntagResource',
        'budgets:ViewBudget',
      ],
    ),
    // Budgets reads costs through the account's own billing view.
    {
      sid: 'SeeCosts',
      actions: ['billing:GetBillingViewData'],
      resources: [arns.global('billing', 'billingview/primary')],
      limit: 'other',
    },
  ],
  deployer: (arns) => [
    {
      sid: 'SeeBudgets',
      why: 'To check whether budgets are available, and to find the deployment’s budget: AWS lists all budgets of the account or none.',
      resources: [arns.global('budgets', 'budget/*')],
      calls: [convoke(['check', 'up', 'down'], 'budgets:ViewBudget')],
    },
    {
      sid: 'OwnBudget',
      why: 'To delete the deployment’s budget.',
      resources: [budgetArn(arns)],
      calls: [down('budgets:ModifyBudget')],
    },
  ],
};

/** In the order of deletion. */
export const monitoringKinds = [dashboards, alarms, rules, functions, logGroups, topics, budgets];
