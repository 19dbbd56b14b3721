/**
 * npm run bench -- case-study: compares the case study's scripts and convoke, in turn, each in a new emulated account on
 * this machine: the time until a machine is healthy behind the load balancer, the time of the deletion, the number of API
 * calls, and leftovers. The scripts use the AWS CLI; convoke runs as a separate process.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ACMClient, RequestCertificateCommand } from '@aws-sdk/client-acm';
import {
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  ChangeResourceRecordSetsCommand,
  CreateHostedZoneCommand,
  ListHostedZonesCommand,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { execa } from 'execa';
import pWaitFor from 'p-wait-for';
import { Output } from '../src/cli/output/output.js';
import { startEmulator } from '../src/rehearsal/emulator.js';
import { installEmulator } from '../src/rehearsal/emulator-install.js';
import { paths } from '../src/rehearsal/paths.js';
import { ApiProxy } from '../test/api-proxy.js';
import { AwsCli, installAwsCli } from './case-study/aws-cli.js';
import { type Access, inventory } from './case-study/inventory.js';
import { setUp, takeDown } from './case-study/scripts.js';

const REGION = 'us-east-1';
const ROOT = { accessKeyId: 'test', secretAccessKey: 'test' };

interface Round {
  /** Duration of the commands in seconds. */
  readonly up: number;
  /** Seconds until a machine is healthy behind the load balancer. */
  readonly serving: number;
  readonly upCalls: number;
  readonly down: number;
  readonly downCalls: number;
  /** Leftover resources, with kinds and names. */
  readonly left: readonly string[];
}

interface Way {
  up(): Promise<void>;
  down(): Promise<void>;
  /** Leftover files on this machine. */
  files(): string[];
}

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '3' }, json: { type: 'boolean', default: false } },
});
const rounds = Number(values.rounds);
const output = new Output({ json: values.json, color: true });
const { cache } = paths();
await installEmulator(cache);
const cli = await installAwsCli(cache);

/** One round in a new account: creation and deletion. */
async function round(make: (access: Access, folder: string) => Promise<Way>): Promise<Round> {
  const folder = mkdtempSync(join(tmpdir(), 'convoke-bench-'));
  const emulator = await startEmulator({ cache, run: join(folder, 'run'), port: 0, enforce: true });
  const proxy = await ApiProxy.start(emulator.endpoint);
  const direct: Access = { endpoint: emulator.endpoint, region: REGION, credentials: ROOT };
  try {
    const home = mkdtempSync(join(folder, 'home-'));
    await new Route53Client(direct).send(
      new CreateHostedZoneCommand({ Name: 'example.org', CallerReference: 'bench' }),
    );
    const before = new Set(await inventory(direct));
    const way = await make({ ...direct, endpoint: proxy.endpoint }, home);
    const timed = async (work: () => Promise<void>) => {
      const from = performance.now();
      await work();
      return (performance.now() - from) / 1000;
    };
    const earlier = proxy.calls.length;
    let up = 0;
    const serving = await timed(async () => {
      up = await timed(() => way.up());
      await healthy(direct);
    });
    const upCalls = proxy.calls.length - earlier;
    const down = await timed(() => way.down());
    const downCalls = proxy.calls.length - earlier - upCalls;
    const left = (await inventory(direct)).filter((thing) => !before.has(thing));
    return { up, serving, upCalls, down, downCalls, left: [...left, ...way.files()] };
  } finally {
    proxy.stop();
    await emulator.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Whether a machine is healthy behind the only load balancer. */
async function healthy(access: Access): Promise<void> {
  const balancing = new ElasticLoadBalancingV2Client(access);
  await pWaitFor(
    async () => {
      const { TargetGroups = [] } = await balancing.send(new DescribeTargetGroupsCommand({}));
      const TargetGroupArn = TargetGroups[0]?.TargetGroupArn;
      if (!TargetGroupArn) return false;
      const { TargetHealthDescriptions = [] } = await balancing.send(
        new DescribeTargetHealthCommand({ TargetGroupArn }),
      );
      return TargetHealthDescriptions.some(({ TargetHealth }) => TargetHealth?.State === 'healthy');
    },
    { interval: 100, timeout: 120_000 },
  );
}

/** The manual steps of the case study, which are not timed: a certificate, and a name of the load balancer. */
async function byHand(access: Access): Promise<void> {
  await new ACMClient(access).send(
    new RequestCertificateCommand({ DomainName: 'meet.example.org', ValidationMethod: 'DNS' }),
  );
  const route53 = new Route53Client(access);
  const { HostedZones = [] } = await route53.send(new ListHostedZonesCommand({}));
  await route53.send(
    new ChangeResourceRecordSetsCommand({
      HostedZoneId: HostedZones[0]?.Id,
      ChangeBatch: {
        Changes: [
          {
            Action: 'CREATE',
            ResourceRecordSet: {
              Name: 'meet.example.org',
              Type: 'CNAME',
              TTL: 300,
              ResourceRecords: [{ Value: 'jitsi.elb.amazonaws.com' }],
            },
          },
        ],
      },
    }),
  );
}

async function caseStudy(access: Access, folder: string): Promise<Way> {
  const aws = new AwsCli(cli, access.endpoint, folder, ROOT);
  let made: Awaited<ReturnType<typeof setUp>> | undefined;
  await byHand(access);
  return {
    up: async () => {
      made = await setUp(aws, folder);
    },
    down: async () => {
      if (made) await takeDown(aws, made, ROOT);
    },
    files: () =>
      readdirSync(folder)
        .filter((name) => !name.startsWith('.'))
        .map((name) => `file ${name}`),
  };
}

async function convoke(access: Access, folder: string): Promise<Way> {
  const program = new URL('./case-study/convoke.mjs', import.meta.url).pathname;
  const type = (verb: string) =>
    execa(process.execPath, [program, verb, access.endpoint], { env: { CONVOKE_HOME: folder } });
  return {
    up: async () => {
      await type('up');
    },
    down: async () => {
      await type('down');
    },
    files: () => readdirSync(folder).map((name) => `file ${name}`),
  };
}

const results: Record<'caseStudy' | 'convoke', Round[]> = { caseStudy: [], convoke: [] };
// In turn, so that other load on this machine affects both.
for (let n = 0; n < rounds; n++) {
  output.note(`Round ${n + 1} of ${rounds}`);
  results.caseStudy.push(await round(caseStudy));
  results.convoke.push(await round(convoke));
}

const median = (numbers: readonly number[]) =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
const measurement = (key: Exclude<keyof Round, 'left'>) => {
  const [theirs, ours] = [results.caseStudy, results.convoke].map((all) =>
    median(all.map((one) => one[key])),
  );
  return { theirs: theirs ?? 0, ours: ours ?? 0, ratio: (theirs ?? 0) / (ours ?? 1) };
};
const FIGURES = [
  ['until the commands have ended', 'up', 's'],
  ['until a machine is healthy', 'serving', 's'],
  ['calls of AWS’s API to deploy', 'upCalls', ''],
  ['until it is deleted', 'down', 's'],
  ['calls of AWS’s API to delete', 'downCalls', ''],
] as const;
const rows = FIGURES.map(([name, key, unit]) => ({ name, unit, ...measurement(key) }));
const left = {
  caseStudy: results.caseStudy.at(-1)?.left ?? [],
  convoke: results.convoke.at(-1)?.left ?? [],
};
const show = (value: number, unit: string) => (unit === 's' ? `${value.toFixed(1)} s` : String(value));
output.result(
  { rounds, rows, left, results },
  [
    output.table(
      [`median of ${rounds}`, 'case study', 'convoke', 'ratio'],
      [
        ...rows.map(({ name, unit, theirs, ours, ratio }) => [
          name,
          show(theirs, unit),
          show(ours, unit),
          ratio.toFixed(2),
        ]),
        ['things left', String(left.caseStudy.length), String(left.convoke.length), ''],
      ],
    ),
    '',
    `Left by the case study: ${left.caseStudy.join(', ') || 'nothing'}`,
    `Left by convoke: ${left.convoke.join(', ') || 'nothing'}`,
  ].join('\n'),
);
