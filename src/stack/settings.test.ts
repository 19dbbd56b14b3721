import { join } from 'node:path';
import {
  App,
  aws_certificatemanager as acm,
  CfnParameter,
  aws_ec2 as ec2,
  type Stack,
  aws_sns as sns,
} from 'aws-cdk-lib';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { stringify } from 'yaml';
import { meet, newStack, temporaryOutput } from '../../test/sample-construct.js';
import { goodSettings } from '../../test/sample-files.js';
import { parseDeployment } from '../config/load.js';
import { DeploymentStack } from './deployment-stack.js';

// The first stack of a process loads most of CDK, which takes long on a busy machine.
vi.setConfig({ testTimeout: 180_000 });

const folder = temporaryOutput();

const certificateIn = (stack: Stack, region: string) =>
  acm.Certificate.fromCertificateArn(stack, 'Own', `arn:aws:acm:${region}:123456789012:certificate/x`);

/** The error with which the construct refuses props. Fails if it accepts them, or has created anything before. */
function refusal(
  props: Record<string, unknown> | ((stack: Stack) => Record<string, unknown>),
  region?: string,
): string {
  const stack = newStack(region);
  try {
    meet(stack, typeof props === 'function' ? props(stack) : props);
  } catch (error) {
    const parts = (stack.node.tryFindChild('Meet')?.node.children ?? []).map(({ node }) => node.id);
    expect(parts).toEqual([]);
    return (error as Error).message;
  }
  throw new Error('the props were accepted');
}

describe('an invalid prop is refused at synthesis, with its path, its value and what is valid', () => {
  it.each<[string, Record<string, unknown>, string]>([
    [
      'a name with capitals',
      { name: 'Meet' },
      '  name: "Meet"\n    name must start with a letter and have only',
    ],
    ['a long name', { name: 'x'.repeat(21) }, 'name must have at most 20 characters.'],
    ['no name', { name: undefined }, '  name: nothing\n    name is missing. Prefix of all resource names.'],
    [
      'a single word',
      { domain: 'localhost' },
      '  domain: "localhost"\n    domain is a single word; give a full',
    ],
    ['an address', { domain: 'https://meet.example.org' }, 'domain is a URL; give only its host name'],
    ['no mail address', { alerts: 'ops' }, '  alerts: "ops"\n    alerts is not a mail address.'],
    [
      'one address of several',
      { alerts: ['a@example.org', 'b'] },
      'alerts has "b", which is not a mail address.',
    ],
    [
      'too many addresses',
      { alerts: Array.from({ length: 11 }, (_, n) => `a${n}@example.org`) },
      'alerts names more than 10 addresses.',
    ],
    [
      'an address twice',
      { alerts: ['a@example.org', 'a@example.org'] },
      'alerts has a@example.org twice; remove one.',
    ],
    [
      'nobody to alert',
      { alerts: undefined },
      'alerts is missing: give a mail address for when something breaks, or',
    ],
    ['a topic by its ARN', { alarmTopic: 'arn:aws:sns:eu-central-1:1:t' }, 'alarmTopic is not an SNS topic.'],
    ['no shards', { shardCount: 0 }, '  shardCount: 0\n    shardCount must be at least 1.'],
    [
      'too many shards',
      { shardCount: 9, bridges: {} },
      '  shardCount: 9\n    shardCount must be at most 8, four in',
    ],
    ['half a shard', { shardCount: 1.5 }, 'shardCount must be a whole number, not the number 1.5.'],
    ['shards without bridges', { shardCount: 2 }, 'bridges is missing: 2 shards need a group of bridges'],
    [
      'an invalid instance type',
      { shardType: 't4g' },
      'shardType "t4g" is not an EC2 instance type; the format is like',
    ],
    [
      'other processors',
      { shardType: 'c7i.large' },
      'shardType c7i.large has amd64 processors, but architecture is',
    ],
    [
      'too little memory',
      { shardType: 't4g.micro' },
      '  shardType: "t4g.micro"\n    shardType t4g.micro has 1 GiB of memory, and a shard with a co-located bridge needs at least 2 GiB: use t4g.small or larger.',
    ],
    [
      'bridges with other processors',
      { architecture: 'amd64', bridges: { types: ['c7i.large', 'c7g.large'] } },
      '  bridges.types.1: "c7g.large"\n    bridges.types c7g.large has arm64 processors',
    ],
    ['an architecture', { architecture: 'x86' }, 'architecture must be one of arm64, amd64, not "x86".'],
    [
      'more spot than all',
      { bridges: { spot: 101 } },
      '  bridges.spot: 101\n    bridges.spot must be at most 100.',
    ],
    [
      'a spot fraction',
      { bridges: { spot: 0.5 } },
      '  bridges.spot: 0.5\n    bridges.spot must be a whole number',
    ],
    ['min over max', { bridges: { min: 5, max: 3 } }, 'bridges.min 5 is more than bridges.max 3.'],
    [
      'a time zone',
      { bridges: { timezone: 'Mars/Olympus' } },
      'bridges.timezone is not a time zone; the format is',
    ],
    [
      'a language',
      { meetings: { language: 'xx' } },
      '  meetings.language: "xx"\n    meetings.language must be one',
    ],
    ['no title', { meetings: { title: ' ' } }, '  meetings.title: " "\n    meetings.title is empty.'],
    [
      'a logo that is not there',
      { meetings: { logo: '/nowhere.png' } },
      'meetings.logo /nowhere.png cannot be read',
    ],
    [
      'no packages',
      { packages: { kind: 'directory', path: '/nowhere' } },
      'packages.path /nowhere cannot be read as a folder',
    ],
    ['access', { access: 'closed' }, 'access must be one of open, members, hosts, not "closed".'],
    ['hosts without a provider', { access: 'hosts' }, 'access hosts needs "login", where hosts sign in'],
    ['dashboard in words', { dashboard: 'on' }, 'dashboard must be true or false, not the text "on".'],
    ['turn in words', { turn: 'on' }, 'turn must be true or false, not the text "on".'],
    [
      'a budget of nothing',
      { monthlyBudget: 0 },
      '  monthlyBudget: 0\n    monthlyBudget must be more than 0.',
    ],
    [
      'an address instead of a range',
      { ssh: { key: 'ada', from: [{ name: 'office', range: '203.0.113.7' }] } },
      '  ssh.from.0.range: "203.0.113.7"\n    ssh.from.0.range is not an address range',
    ],
    [
      'a zone twice',
      { zones: ['eu-central-1a', 'eu-central-1a'] },
      'zones names the same availability zone twice.',
    ],
    ['no zone', { zone: undefined }, 'zone is missing: give the hosted zone of meet.example.org'],
    [
      'a prop of no name',
      { shards: 3 },
      '  shards: 3\n    "shards" is not a known setting. Known settings: name, domain,',
    ],
    ['what a terminal obeys', { name: 'a\u001b[2J' }, '  name: "a\uFFFD[2J"'],
  ])('%s', (_, props, said) => {
    const sentence = refusal(props);
    expect(sentence).toContain('The props of Ours/Meet have a problem.\n');
    expect(sentence).toContain(said);
    expect(sentence).toContain('\nCorrect the props and synthesise again; nothing was created.');
  });

  it('a value that is known only at deployment', () => {
    const domain = (stack: Stack) => ({ domain: new CfnParameter(stack, 'Domain').valueAsString });
    expect(refusal(domain)).toContain('domain is known only at deployment, but it is needed at synthesis;');
  });

  const vpcOver = (zones: string[], publicSubnets: string[]) => (stack: Stack) => ({
    vpc: ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
      vpcId: 'vpc-1',
      availabilityZones: zones,
      ...(publicSubnets.length > 0
        ? { publicSubnetIds: publicSubnets }
        : { privateSubnetIds: zones.map((zone) => `subnet-${zone}`) }),
    }),
  });

  it('a VPC in one zone', () => {
    expect(refusal(vpcOver(['eu-central-1a'], ['subnet-1', 'subnet-2']))).toContain(
      'vpc has public subnets in one availability zone (eu-central-1a); a load balancer needs two zones',
    );
  });

  it('a VPC without public subnets', () => {
    expect(refusal(vpcOver(['eu-central-1a', 'eu-central-1b'], []))).toContain(
      'vpc has public subnets in no availability zone;',
    );
  });

  it('zones beside a VPC', () => {
    const both = (stack: Stack) => ({
      ...vpcOver(['eu-central-1a', 'eu-central-1b'], ['subnet-1', 'subnet-2'])(stack),
      zones: ['eu-central-1a', 'eu-central-1b'],
    });
    expect(refusal(both)).toContain('zones goes with a VPC that is created;');
  });

  it('a budget without recipients', () => {
    const topicOnly = (stack: Stack) => ({
      alerts: undefined,
      alarmTopic: new sns.Topic(stack, 'Topic'),
      monthlyBudget: 50,
    });
    expect(refusal(topicOnly)).toContain('alerts is missing: monthlyBudget needs a mail address');
  });

  it('a zone of another domain', () => {
    expect(refusal({ domain: 'meet.example.net' })).toContain(
      'zone example.org does not contain the domain meet.example.net.',
    );
  });

  it('a certificate of another region', () => {
    const own = (stack: Stack) => ({ certificate: certificateIn(stack, 'us-east-1') });
    expect(refusal(own, 'eu-central-1')).toContain(
      'certificate is in us-east-1, but the deployment is in eu-',
    );
  });

  it('a budget in a region where CloudFormation does not support AWS Budgets', () => {
    expect(refusal({ monthlyBudget: 50 }, 'eu-north-1')).toContain(
      'monthlyBudget is not available in eu-north-1',
    );
  });

  it('all of them at once', () => {
    expect(refusal({ name: 'Meet', domain: 'localhost', shardCount: 0 })).toContain('have 3 problems');
  });
});

/** A setting of `convoke.yaml`, and the prop of the same meaning. */
const SETTINGS: readonly (readonly [
  file: (value: unknown) => Record<string, unknown>,
  props: (value: unknown) => Record<string, unknown>,
  values: fc.Arbitrary<unknown>,
])[] = [
  [
    (name) => ({ name }),
    (name) => ({ name }),
    fc.oneof(fc.string(), fc.stringMatching(/^[A-Za-z0-9-]{0,24}$/), fc.integer()),
  ],
  [
    (domain) => ({ domain }),
    (domain) => ({ domain }),
    fc.oneof(fc.string(), fc.webUrl(), fc.ipV4(), fc.stringMatching(/^[a-z-]{0,9}(\.[a-z-]{0,9}){0,3}\.?$/)),
  ],
  [
    (shards) => ({ shards }),
    (shardCount) => ({ shardCount }),
    fc
      .oneof(fc.integer({ max: 0 }), fc.integer({ min: 9 }), fc.double(), fc.constantFrom('2', null))
      .filter((n) => n !== 1),
  ],
  ...(['min', 'max', 'spot'] as const).map(
    (key) =>
      [
        (value: unknown) => ({ bridges: { [key]: value } }),
        (value: unknown) => ({ bridges: { [key]: value } }),
        fc.oneof(fc.integer(), fc.double(), fc.integer({ min: 95, max: 105 }), fc.constantFrom('2', null)),
      ] as const,
  ),
  [
    (shard) => ({ machines: { shard } }),
    (shardType) => ({ shardType }),
    fc.oneof(fc.string(), fc.stringMatching(/^[a-z]\d[a-z]?\.(large|\d?xlarge|small|banana)$/)),
  ],
  [
    (title) => ({ meetings: { title } }),
    (title) => ({ meetings: { title } }),
    fc.oneof(fc.string({ unit: 'binary' }), fc.string({ minLength: 61 }), fc.integer()),
  ],
];

it('refuses what convoke.yaml refuses', () => {
  const refusedByFile = (settings: Record<string, unknown>) => {
    const file = {
      domain: 'meet.example.org',
      region: 'eu-central-1',
      alerts: 'ops@example.org',
      name: 'meet',
      size: 'fleet',
      dns: 'manual',
      ...settings,
    };
    try {
      parseDeployment(stringify(file), 'convoke.yaml');
      return false;
    } catch {
      return true;
    }
  };
  const own = newStack('eu-central-1');
  const certificate = certificateIn(own, 'eu-central-1');
  fc.assert(
    fc.property(
      fc
        .constantFrom(...SETTINGS)
        .chain(([file, props, values]) =>
          values.map((value) => ({ file: file(value), props: props(value) })),
        ),
      ({ file, props }) => {
        fc.pre(refusedByFile(file));
        expect(refusal({ zone: undefined, certificate, bridges: {}, ...props }, 'eu-central-1')).toContain(
          'The props of Ours/Meet have',
        );
      },
    ),
    { numRuns: 300 },
  );
});

it('accepts what convoke.yaml accepts', () => {
  fc.assert(
    fc.property(goodSettings, (file) => {
      const deployment = parseDeployment(stringify(file), join(folder, 'convoke.yaml'));
      expect(() => new DeploymentStack(new App(), deployment)).not.toThrow();
    }),
    { numRuns: 10 },
  );
});
