import {
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeRulesCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { CLOSED_PATHS } from '../contract/closed-page.js';
import type { Account } from './account.js';
import { client, ifThere } from './clients.js';

/** Whether the load balancer of this name says that the deployment is closed, instead of forwarding requests. */
export async function showsClosedPage(account: Account, balancer: string): Promise<boolean> {
  const elb = client(account, ElasticLoadBalancingV2Client);
  const found = await ifThere(elb.send(new DescribeLoadBalancersCommand({ Names: [balancer] })));
  const arn = found?.LoadBalancers?.[0]?.LoadBalancerArn;
  if (!arn) return false;
  const { Listeners = [] } = await elb.send(new DescribeListenersCommand({ LoadBalancerArn: arn }));
  const page = Listeners.find(({ Port }) => Port === 443);
  const { Rules = [] } = await elb.send(new DescribeRulesCommand({ ListenerArn: page?.ListenerArn }));
  return Rules.some(({ Conditions = [] }) =>
    Conditions.some(({ PathPatternConfig }) => PathPatternConfig?.Values?.includes(CLOSED_PATHS.closed)),
  );
}
