import {
  DescribeRulesCommand,
  DescribeTargetHealthCommand,
  type ElasticLoadBalancingV2Client,
  ModifyRuleCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { isOpen } from '../config/hours.js';
import type { AlertSettings } from '../contract/alerts.js';
import { CLOSED_PATHS } from '../contract/closed-page.js';

/**
 * Has the load balancer say when the deployment opens while it is closed and no shard serves, and forward requests
 * otherwise. So a deployment that the user opened at night is reached, and one that does not start in the morning
 * is a failure, not closed. A rule changes, not the listener's own action: the load balancer checks the health of a
 * target group only while a listener forwards to it.
 */
export async function adjustPage(
  balancers: ElasticLoadBalancingV2Client,
  { hours, targetGroup }: Pick<AlertSettings, 'hours' | 'targetGroup'>,
  now: Date,
): Promise<void> {
  if (!hours) return;
  // Once more after a change: another event may have been handled since the health was read.
  while (await adjustOnce(balancers, { hours, targetGroup }, now));
}

/** Returns whether the rule had to change. */
async function adjustOnce(
  balancers: ElasticLoadBalancingV2Client,
  {
    hours,
    targetGroup,
  }: { readonly hours: NonNullable<AlertSettings['hours']>; readonly targetGroup: string },
  now: Date,
): Promise<boolean> {
  const [rules, health] = await Promise.all([
    balancers.send(new DescribeRulesCommand({ RuleArns: [hours.rule] })),
    balancers.send(new DescribeTargetHealthCommand({ TargetGroupArn: targetGroup })),
  ]);
  const serves = (health.TargetHealthDescriptions ?? []).some(
    ({ TargetHealth }) => TargetHealth?.State === 'healthy',
  );
  const path = serves || isOpen(hours, now) ? CLOSED_PATHS.open : CLOSED_PATHS.closed;
  const [condition] = rules.Rules?.[0]?.Conditions ?? [];
  if (condition?.PathPatternConfig?.Values?.includes(path)) return false;
  await balancers.send(
    new ModifyRuleCommand({
      RuleArn: hours.rule,
      Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: [path] } }],
    }),
  );
  return true;
}
