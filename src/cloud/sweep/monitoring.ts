import { BudgetsClient, DeleteBudgetCommand, paginateDescribeBudgets } from '@aws-sdk/client-budgets';
import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DeleteDashboardsCommand,
  DescribeAlarmsCommand,
  GetDashboardCommand,
} from '@aws-sdk/client-cloudwatch';
import {
  CloudWatchLogsClient,
  DeleteLogGroupCommand,
  DescribeLogGroupsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import {
  DeleteRuleCommand,
  EventBridgeClient,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  RemoveTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { DeleteFunctionCommand, GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { DeleteTopicCommand, paginateListTopics, SNSClient } from '@aws-sdk/client-sns';
import { alertsName, budgetPrefix, dashboardName, logsName, namePrefix } from '../../contract/names.js';
import type { Account } from '../account.js';
import { client, ifThere } from '../clients.js';
import { callerIdentity } from '../identity.js';
import type { Kind } from './kind.js';
import { ownNames } from './own-names.js';

const alarms: Kind = {
  name: 'alarms',
  async find(account, { deployment }) {
    const answer = await client(account, CloudWatchClient).send(
      new DescribeAlarmsCommand({ AlarmNamePrefix: `${namePrefix(deployment)}-`, MaxRecords: 100 }),
    );
    return (answer.MetricAlarms ?? [])
      .map((alarm) => alarm.AlarmName ?? '')
      .filter((alarm) => ownNames(deployment, account.region).has(alarm));
  },
  async remove(account, id) {
    await client(account, CloudWatchClient).send(new DeleteAlarmsCommand({ AlarmNames: [id] }));
  },
};

/** By name, because a list would need a right for all dashboards of the account. */
const dashboards: Kind = {
  name: 'dashboards',
  async find(account, { deployment }) {
    const DashboardName = dashboardName(deployment, account.region);
    const found = await ifThere(
      client(account, CloudWatchClient).send(new GetDashboardCommand({ DashboardName })),
    );
    return found ? [DashboardName] : [];
  },
  async remove(account, id) {
    await client(account, CloudWatchClient).send(new DeleteDashboardsCommand({ DashboardNames: [id] }));
  },
};

const rules: Kind = {
  name: 'event rules',
  async find(account, { deployment }) {
    const answer = await client(account, EventBridgeClient).send(
      new ListRulesCommand({ NamePrefix: namePrefix(deployment) }),
    );
    return (answer.Rules ?? [])
      .map((rule) => rule.Name ?? '')
      .filter((rule) => ownNames(deployment, account.region).has(rule));
  },
  async remove(account, id) {
    const events = client(account, EventBridgeClient);
    const targets = await events.send(new ListTargetsByRuleCommand({ Rule: id }));
    const ids = (targets.Targets ?? []).map((t) => t.Id ?? '');
    if (ids.length) await events.send(new RemoveTargetsCommand({ Rule: id, Ids: ids }));
    await events.send(new DeleteRuleCommand({ Name: id }));
  },
};

/** By name: there is one for each deployment, and listing would need a right for every function of the account. */
const functions: Kind = {
  name: 'functions',
  async find(account, { deployment }) {
    const FunctionName = alertsName(deployment);
    const found = await ifThere(
      client(account, LambdaClient).send(new GetFunctionConfigurationCommand({ FunctionName })),
    );
    return found ? [FunctionName] : [];
  },
  async remove(account, id) {
    await client(account, LambdaClient).send(new DeleteFunctionCommand({ FunctionName: id }));
  },
};

const logGroups: Kind = {
  name: 'log groups',
  async find(account, { deployment }) {
    const found: string[] = [];
    for (const name of [alertsName(deployment), logsName(deployment)]) {
      const answer = await client(account, CloudWatchLogsClient).send(
        new DescribeLogGroupsCommand({ logGroupNamePrefix: name }),
      );
      if (answer.logGroups?.some(({ logGroupName }) => logGroupName === name)) found.push(name);
    }
    return found;
  },
  async remove(account, id) {
    await client(account, CloudWatchLogsClient).send(new DeleteLogGroupCommand({ logGroupName: id }));
  },
};

const topics: Kind = {
  name: 'mail topics',
  async find(account, { deployment }) {
    const found: string[] = [];
    for await (const page of paginateListTopics({ client: client(account, SNSClient) }, {})) {
      found.push(...(page.Topics ?? []).map((t) => t.TopicArn ?? ''));
    }
    return found.filter((arn) => ownNames(deployment, account.region).has(arn.split(':').at(-1) ?? ''));
  },
  async remove(account, id) {
    await client(account, SNSClient).send(new DeleteTopicCommand({ TopicArn: id }));
  },
};

/** Budgets belong to the account, not to a region, so this region's budgets have its name in theirs. */
const budgets: Kind = {
  name: 'budgets',
  async find(account, { deployment }) {
    const found: string[] = [];
    const AccountId = await accountId(account);
    for await (const page of paginateDescribeBudgets(
      { client: client(account, BudgetsClient) },
      { AccountId },
    )) {
      found.push(...(page.Budgets ?? []).map(({ BudgetName }) => BudgetName ?? ''));
    }
    const start = budgetPrefix(deployment, account.region);
    return found.filter((name) => name.startsWith(start) && /^[0-9a-f]{8}$/.test(name.slice(start.length)));
  },
  async remove(account, id) {
    await client(account, BudgetsClient).send(
      new DeleteBudgetCommand({ AccountId: await accountId(account), BudgetName: id }),
    );
  },
};

const accountId = async (account: Account): Promise<string> => (await callerIdentity(account)).account;

export const monitoringKinds: readonly Kind[] = [
  dashboards,
  alarms,
  rules,
  functions,
  logGroups,
  topics,
  budgets,
];
