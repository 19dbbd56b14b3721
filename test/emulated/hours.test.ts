import { UpdateAutoScalingGroupCommand } from '@aws-sdk/client-auto-scaling';
import {
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeRulesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import pWaitFor from 'p-wait-for';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Account } from '../../src/cloud/account.js';
import type { Deployment } from '../../src/config/deployment.js';
import { parseDeployment } from '../../src/config/load.js';
import { down } from '../../src/operations/down/down.js';
import { status } from '../../src/operations/status.js';
import { up } from '../../src/operations/up.js';
import { EmulatedAccount } from './control-plane/account.js';

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
/** Neither today nor tomorrow, anywhere. */
const anotherDay = DAYS[(new Date().getUTCDay() + 3) % 7];
const FILE =
  'domain: meet.example.org\nregion: eu-central-1\nalerts: ops@example.org\nname: meet\nimage: debian\n';
const hours = `hours: {open: [{days: ${anotherDay}, from: "08:00", until: "18:00"}], timezone: Europe/Berlin}\n`;
const deployment = parseDeployment(FILE + hours, 'a file of the test');
const onProgress = () => undefined;

let emulated: EmulatedAccount;
let account: Account;

beforeAll(async () => {
  emulated = await EmulatedAccount.start({ enforce: true });
  await emulated.makeZone();
  account = emulated.account();
}, 60_000);
afterAll(() => emulated.stop());

/** What Auto Scaling does at the closing time. */
const close = () =>
  emulated.clients().groups.send(
    new UpdateAutoScalingGroupCommand({
      AutoScalingGroupName: 'convoke-meet-shard-a',
      MinSize: 0,
      MaxSize: 0,
      DesiredCapacity: 0,
    }),
  );

/** The rule of the load balancer that answers for the page. */
async function rule() {
  const { balancers } = emulated.clients();
  const { LoadBalancers } = await balancers.send(
    new DescribeLoadBalancersCommand({ Names: ['convoke-meet'] }),
  );
  const { Listeners = [] } = await balancers.send(
    new DescribeListenersCommand({ LoadBalancerArn: LoadBalancers?.[0]?.LoadBalancerArn }),
  );
  const ListenerArn = Listeners.find(({ Port }) => Port === 443)?.ListenerArn;
  const { Rules = [] } = await balancers.send(new DescribeRulesCommand({ ListenerArn }));
  return Rules.find(({ IsDefault }) => !IsDefault);
}
const closedFor = async () => (await rule())?.Conditions?.[0]?.PathPatternConfig?.Values?.join();
const closed = () => pWaitFor(async () => (await closedFor()) === '/*', { timeout: 60_000 });

const stateOf = async (one: Deployment) => (await status(account, one)).state;
const mails = () => emulated.mail().filter(({ subject }) => !/Confirmation|arrives$/.test(subject));

describe('a deployment with open hours', () => {
  it('says when it opens while it is closed, and sends no mail about that', async () => {
    await up({ account, deployment, onProgress, join: false });
    expect(await stateOf(deployment)).toBe('serving');
    expect(await closedFor()).not.toBe('/*');
    await close();
    await closed();
    expect((await rule())?.Actions?.[0]?.FixedResponseConfig).toMatchObject({
      StatusCode: '503',
      ContentType: 'text/html',
      MessageBody: expect.stringMatching(/Closed at the moment.*: 08:00–18:00/),
    });
    expect(await status(account, deployment)).toMatchObject({
      state: 'closed',
      missing: [],
      opens: expect.stringMatching(/day at 08:00 \(Europe\/Berlin\)$/),
    });
    expect(mails()).toEqual([]);
  }, 120_000);

  it('is opened by "up", whatever the hours', async () => {
    await up({ account, deployment, onProgress, join: false });
    expect(await stateOf(deployment)).toBe('serving');
    expect(await closedFor()).not.toBe('/*');
  }, 120_000);

  it('is opened for good by a file without them, also while it is closed', async () => {
    await close();
    await closed();
    const always = parseDeployment(FILE, 'a file of the test');
    await up({ account, deployment: always, onProgress, join: false });
    expect(await stateOf(always)).toBe('serving');
    expect(await closedFor()).not.toBe('/*');
    expect(mails()).toEqual([]);
    expect((await down({ account, deployment: always, onProgress })).leftovers).toEqual([]);
  }, 120_000);
});
