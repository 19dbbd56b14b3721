import { ACMClient, ListCertificatesCommand } from '@aws-sdk/client-acm';
import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import { BudgetsClient, DescribeBudgetsCommand } from '@aws-sdk/client-budgets';
import { CloudFormationClient, ListStacksCommand } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient, DescribeAlarmsCommand, ListDashboardsCommand } from '@aws-sdk/client-cloudwatch';
import {
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeInternetGatewaysCommand,
  DescribeLaunchTemplatesCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSnapshotsCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import {
  DescribeLoadBalancersCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { EventBridgeClient, ListRulesCommand } from '@aws-sdk/client-eventbridge';
import {
  IAMClient,
  ListInstanceProfilesCommand,
  ListPoliciesCommand,
  ListRolesCommand,
  ListUsersCommand,
} from '@aws-sdk/client-iam';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { ListSecretsCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { ListSubscriptionsCommand, ListTopicsCommand, SNSClient } from '@aws-sdk/client-sns';
import { DescribeParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { Account } from '../../src/cloud/account.js';
import { client } from '../../src/cloud/clients.js';

/**
 * All resources of an account in a region, as the services list them, regardless of names and tags. Without service-linked
 * roles, which belong to the account.
 */
export async function everything(account: Account): Promise<Set<string>> {
  const ec2 = client(account, EC2Client);
  const balancers = client(account, ElasticLoadBalancingV2Client);
  const iam = client(account, IAMClient);
  const sns = client(account, SNSClient);
  const lists: Promise<(string | undefined)[]>[] = [
    client(account, ACMClient)
      .send(new ListCertificatesCommand({}))
      .then((all) => (all.CertificateSummaryList ?? []).map((one) => one.CertificateArn)),
    client(account, AutoScalingClient)
      .send(new DescribeAutoScalingGroupsCommand({}))
      .then((all) => (all.AutoScalingGroups ?? []).map((one) => `group ${one.AutoScalingGroupName}`)),
    client(account, BudgetsClient)
      .send(new DescribeBudgetsCommand({ AccountId: '000000000000' }))
      .then((all) => (all.Budgets ?? []).map((one) => `budget ${one.BudgetName}`)),
    client(account, CloudFormationClient)
      .send(new ListStacksCommand({}))
      .then((all) =>
        (all.StackSummaries ?? [])
          .filter((one) => one.StackStatus !== 'DELETE_COMPLETE')
          .map((one) => `stack ${one.StackName} ${one.StackStatus}`),
      ),
    client(account, CloudWatchClient)
      .send(new DescribeAlarmsCommand({}))
      .then((all) =>
        [...(all.MetricAlarms ?? []), ...(all.CompositeAlarms ?? [])].map((one) => `alarm ${one.AlarmName}`),
      ),
    client(account, CloudWatchClient)
      .send(new ListDashboardsCommand({}))
      .then((all) => (all.DashboardEntries ?? []).map((one) => `dashboard ${one.DashboardName}`)),
    ec2.send(new DescribeVpcsCommand({})).then((all) => (all.Vpcs ?? []).map((one) => one.VpcId)),
    ec2.send(new DescribeSubnetsCommand({})).then((all) => (all.Subnets ?? []).map((one) => one.SubnetId)),
    ec2
      .send(new DescribeSecurityGroupsCommand({}))
      .then((all) => (all.SecurityGroups ?? []).map((one) => one.GroupId)),
    ec2
      .send(new DescribeRouteTablesCommand({}))
      .then((all) => (all.RouteTables ?? []).map((one) => one.RouteTableId)),
    ec2
      .send(new DescribeInternetGatewaysCommand({}))
      .then((all) => (all.InternetGateways ?? []).map((one) => one.InternetGatewayId)),
    ec2
      .send(new DescribeLaunchTemplatesCommand({}))
      .then((all) => (all.LaunchTemplates ?? []).map((one) => one.LaunchTemplateId)),
    ec2.send(new DescribeInstancesCommand({})).then((all) =>
      (all.Reservations ?? [])
        .flatMap((one) => one.Instances ?? [])
        .filter((one) => one.State?.Name !== 'terminated')
        .map((one) => one.InstanceId),
    ),
    ec2
      .send(new DescribeImagesCommand({ Owners: ['self'] }))
      .then((all) => (all.Images ?? []).map((one) => one.ImageId)),
    ec2
      .send(new DescribeSnapshotsCommand({ OwnerIds: ['self'] }))
      .then((all) => (all.Snapshots ?? []).map((one) => one.SnapshotId)),
    balancers
      .send(new DescribeLoadBalancersCommand({}))
      .then((all) => (all.LoadBalancers ?? []).map((one) => one.LoadBalancerArn)),
    balancers
      .send(new DescribeTargetGroupsCommand({}))
      .then((all) => (all.TargetGroups ?? []).map((one) => one.TargetGroupArn)),
    client(account, EventBridgeClient)
      .send(new ListRulesCommand({}))
      .then((all) => (all.Rules ?? []).map((one) => `rule ${one.Name}`)),
    iam
      .send(new ListRolesCommand({ MaxItems: 1000 }))
      .then((all) =>
        (all.Roles ?? []).filter((one) => !one.Path?.startsWith('/aws-service-role/')).map((one) => one.Arn),
      ),
    iam.send(new ListUsersCommand({ MaxItems: 1000 })).then((all) => (all.Users ?? []).map((one) => one.Arn)),
    iam
      .send(new ListPoliciesCommand({ Scope: 'Local', MaxItems: 1000 }))
      .then((all) => (all.Policies ?? []).map((one) => one.Arn)),
    iam
      .send(new ListInstanceProfilesCommand({ MaxItems: 1000 }))
      .then((all) => (all.InstanceProfiles ?? []).map((one) => one.Arn)),
    client(account, S3Client)
      .send(new ListBucketsCommand({}))
      .then((all) => (all.Buckets ?? []).map((one) => `bucket ${one.Name}`)),
    client(account, SecretsManagerClient)
      .send(new ListSecretsCommand({ IncludePlannedDeletion: true, MaxResults: 100 }))
      .then((all) => (all.SecretList ?? []).map((one) => one.ARN)),
    sns.send(new ListTopicsCommand({})).then((all) => (all.Topics ?? []).map((one) => one.TopicArn)),
    sns
      .send(new ListSubscriptionsCommand({}))
      .then((all) => (all.Subscriptions ?? []).map((one) => one.SubscriptionArn)),
    client(account, SSMClient)
      .send(new DescribeParametersCommand({}))
      .then((all) => (all.Parameters ?? []).map((one) => `parameter ${one.Name}`)),
  ];
  return new Set((await Promise.all(lists)).flat().filter((one) => one !== undefined));
}
