import {
  CloudWatchLogsClient,
  CreateLogStreamCommand,
  DescribeLogGroupsCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Account } from '../../src/cloud/account.js';
import { machines } from '../../src/cloud/machines.js';
import { parseDeployment } from '../../src/config/load.js';
import { logsName } from '../../src/contract/names.js';
import { down } from '../../src/operations/down/down.js';
import { lastLines } from '../../src/operations/last-lines.js';
import { type LogsOptions, logs, type MachineLine } from '../../src/operations/logs.js';
import { up } from '../../src/operations/up.js';
import { EmulatedAccount } from './control-plane/account.js';

const deployment = parseDeployment(
  'domain: meet.example.org\nregion: eu-central-1\nalerts: ops@example.org\nname: meet\n',
  'a file of the test',
);
const onProgress = () => {};
const logGroupName = logsName(deployment.name);

let emulated: EmulatedAccount;
let account: Account;
let shard: string;

beforeAll(async () => {
  emulated = await EmulatedAccount.start();
  account = emulated.account();
  await emulated.makeZone();
  await up({ account, deployment, join: false, onProgress });
  const [machine] = await machines(account, deployment.name, '');
  shard = machine?.id ?? '';
}, 300_000);
afterAll(() => emulated?.stop());

const client = () => new CloudWatchLogsClient(emulated.config());
const began = new Date(Date.now() - 60_000);

/** Writes lines as a machine does. Simulated machines write none. */
async function write(
  logStreamName: string,
  ...lines: readonly [seconds: number, level: number, text: string][]
) {
  await client()
    .send(new CreateLogStreamCommand({ logGroupName, logStreamName }))
    .catch(() => {});
  await client().send(
    new PutLogEventsCommand({
      logGroupName,
      logStreamName,
      logEvents: lines.map(([seconds, level, text]) => ({
        timestamp: began.getTime() + seconds * 1_000,
        message: JSON.stringify({ daemon: 'provisioning', level, text }),
      })),
    }),
  );
}

async function read(options: Partial<LogsOptions> = {}): Promise<string[]> {
  const found: MachineLine[] = [];
  for await (const page of logs({ account, deployment, from: began, ...options })) found.push(...page);
  return found.map(({ machine, level, text }) => `${machine} ${level}: ${text}`);
}

it('lines of all machines are in order of time, also of one that is gone', async () => {
  await write(`shard-a/${shard}`, [1, 6, 'installing'], [3, 3, 'failed']);
  await write('bridge/i-0b', [2, 6, 'between']);
  await emulated.clients().ec2.send(new TerminateInstancesCommand({ InstanceIds: [shard] }));
  expect(await read()).toEqual(['shard-a info: installing', 'bridge info: between', 'shard-a error: failed']);
  expect(await read({ node: shard })).toEqual(['shard-a info: installing', 'shard-a error: failed']);
  expect(await read({ matching: ({ level }) => level === 'error' })).toEqual(['shard-a error: failed']);
});

it('an error of up quotes them', async () => {
  const { lines, now } = await lastLines(account, deployment, [{ node: shard, from: began }]);
  expect(lines.map((line) => line.slice(9))).toEqual([
    'shard-a provisioning: installing',
    'shard-a provisioning: failed',
  ]);
  expect(now).toBe(`Run "convoke logs ${shard}" to see more lines.`);
  const silent = await lastLines(account, deployment, [{ node: 'i-0123', from: began }]);
  expect(silent).toMatchObject({ lines: [], now: expect.stringContaining('EC2 console') });
});

it('new lines are followed, each once, also those that arrive late', async () => {
  const stop = new AbortController();
  const found: string[] = [];
  const from = new Date(began.getTime() + 10_000);
  await write('bridge/i-0b', [20, 6, 'first']);
  const following = (async () => {
    for await (const page of logs({ account, deployment, from, follow: true, signal: stop.signal }))
      found.push(...page.map(({ text }) => text));
  })().catch(() => {});
  await expect.poll(() => found).toEqual(['first']);
  await write('bridge/i-0b', [21, 6, 'second']);
  await expect.poll(() => found, { timeout: 10_000 }).toEqual(['first', 'second']);
  await write('shard-a/i-0new', [19, 6, 'late']);
  await expect.poll(() => found, { timeout: 10_000 }).toEqual(['first', 'second', 'late']);
  stop.abort();
  await following;
}, 60_000);

it('many lines come in several answers', async () => {
  const text = 'x'.repeat(5_000);
  const later = (seconds: number) => [seconds, 6, `${text} ${seconds}`] as const;
  for (const start of [100, 300, 500])
    await write(
      'bridge/i-0b',
      ...Array.from({ length: 200 }, (_, index) => [...later(start + index)] as [number, number, string]),
    );
  expect(await read({ from: new Date(began.getTime() + 100_000) })).toHaveLength(600);
});

it('down deletes the log group with its lines', async () => {
  await down({ account, deployment, onProgress });
  const { logGroups } = await client().send(new DescribeLogGroupsCommand({}));
  expect(logGroups).toEqual([]);
  await expect(read()).rejects.toMatchObject({ name: 'NoLogs', fault: 'user' });
}, 120_000);
