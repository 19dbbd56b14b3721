import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { allows } from '../../test/iam.js';
import { releases } from '../../test/sample-release.js';
import { ownNames } from '../cloud/sweep/own-names.js';
import { parseDeployment } from '../config/load.js';
import { deploymentName, nameFrom } from '../contract/deployment-name.js';
import { policies } from '../operations/policy/document.js';
import { boundaryDocument, executionDocument } from '../operations/policy/policy.js';
import { rights } from '../operations/policy/rights.js';
import { templates } from '../operations/synthesize.js';

// The first stack of a process loads most of CDK, which takes long on a busy machine.
vi.setConfig({ testTimeout: 180_000 });

const ACCOUNT = '123456789012';
/** The longest name of a region. */
const REGION = 'ap-southeast-1';
/** Stands for the name in a template that is made once: nothing but the name has it in it. */
const STEM = 'qzqzq';

/** Kinds that a policy or the sweep knows by their name. */
interface Kind {
  readonly property: string;
  /** Characters that AWS lets it have. */
  readonly longest: number;
  /** The action that makes it, and the ARN of one of that name. */
  readonly made: readonly [action: string, arn: (name: string, properties: Properties) => string];
  /** Whether the sweep finds it by its name. */
  readonly swept: boolean;
}
type Properties = Readonly<Record<string, unknown>>;

const here = (service: string, resource: string) => `arn:aws:${service}:${REGION}:${ACCOUNT}:${resource}`;
const iam = (resource: string) => `arn:aws:iam::${ACCOUNT}:${resource}`;

const KINDS: Readonly<Record<string, Kind>> = {
  'AWS::AutoScaling::AutoScalingGroup': {
    property: 'AutoScalingGroupName',
    longest: 255,
    made: [
      'autoscaling:CreateAutoScalingGroup',
      (name) => here('autoscaling', `autoScalingGroup:x:autoScalingGroupName/${name}`),
    ],
    swept: false,
  },
  'AWS::CloudWatch::Alarm': {
    property: 'AlarmName',
    longest: 255,
    made: ['cloudwatch:PutMetricAlarm', (name) => here('cloudwatch', `alarm:${name}`)],
    swept: true,
  },
  'AWS::CloudWatch::Dashboard': {
    property: 'DashboardName',
    longest: 255,
    made: ['cloudwatch:PutDashboard', (name) => `arn:aws:cloudwatch::${ACCOUNT}:dashboard/${name}`],
    swept: true,
  },
  'AWS::ElasticLoadBalancingV2::LoadBalancer': {
    property: 'Name',
    longest: 32,
    made: [
      'elasticloadbalancing:CreateLoadBalancer',
      (name, { Type: type }) =>
        here('elasticloadbalancing', `loadbalancer/${type === 'network' ? 'net' : 'app'}/${name}/x`),
    ],
    swept: false,
  },
  'AWS::ElasticLoadBalancingV2::TargetGroup': {
    property: 'Name',
    longest: 32,
    made: [
      'elasticloadbalancing:CreateTargetGroup',
      (name) => here('elasticloadbalancing', `targetgroup/${name}/x`),
    ],
    swept: false,
  },
  'AWS::Events::Rule': {
    property: 'Name',
    longest: 64,
    made: ['events:PutRule', (name) => here('events', `rule/${name}`)],
    swept: true,
  },
  'AWS::IAM::InstanceProfile': {
    property: 'InstanceProfileName',
    longest: 128,
    made: ['iam:CreateInstanceProfile', (name) => iam(`instance-profile/${name}`)],
    swept: true,
  },
  'AWS::IAM::Role': {
    property: 'RoleName',
    longest: 64,
    made: ['iam:CreateRole', (name) => iam(`role/${name}`)],
    swept: true,
  },
  'AWS::S3::Bucket': {
    property: 'BucketName',
    longest: 63,
    made: ['s3:CreateBucket', (name) => `arn:aws:s3:::${name}`],
    swept: false,
  },
  'AWS::SNS::Topic': {
    property: 'TopicName',
    longest: 256,
    made: ['sns:CreateTopic', (name) => here('sns', name)],
    swept: true,
  },
  'AWS::SecretsManager::Secret': {
    property: 'Name',
    longest: 512,
    made: ['secretsmanager:CreateSecret', (name) => here('secretsmanager', `secret:${name}-a1B2c3`)],
    swept: true,
  },
};

/**
 * The name that CloudFormation makes up for a resource that has none: stack and logical id share what twelve random
 * characters and two hyphens leave, evenly until one has enough (aws-cloudformation/cloudformation-cli-java-plugin,
 * IdentifierUtils).
 */
function madeUp(stack: string, logicalId: string, longest: number): string {
  const room = longest - 14;
  const [a, b] = [stack.replace(/-+/g, '-'), logicalId];
  const ofStack = Math.min(a.length, Math.max(Math.floor(room / 2), room - b.length));
  return `${a.slice(0, ofStack)}-${b.slice(0, room - ofStack)}-ABCDEFGHIJKL`;
}

/** Values of the CloudFormation functions that names use. */
function plain(value: unknown): string {
  if (typeof value === 'string') return value;
  const { Ref: ref = '', 'Fn::Join': join } = value as { Ref?: string; 'Fn::Join'?: [string, unknown[]] };
  return join
    ? join[1].map(plain).join(join[0])
    : ({ 'AWS::Region': REGION, 'AWS::AccountId': ACCOUNT, 'AWS::Partition': 'aws' }[ref] ?? ref);
}

const fileOf = (name: string) =>
  parseDeployment(
    `domain: meet.example.org\nregion: ${REGION}\nalerts: ops@example.org\nname: ${name}\nsize: fleet\nshards: 8\nbridges: {spot: 50, types: [c7g.large, c6g.large]}\n`,
    'a file of the test',
  );

/** Names as people and domains give them. */
const word = fc.stringMatching(/^[a-z0-9]{1,12}$/);
const names = fc.oneof(
  fc
    .stringMatching(/^[a-z][a-z0-9]{0,9}(-[a-z0-9]{1,4}){0,4}$/)
    .filter((name) => deploymentName.safeParse(name).success),
  fc.stringMatching(/^[a-z][a-z0-9]{19}$/),
);
const domains = fc
  .array(
    fc.oneof(word, fc.stringMatching(/^[a-z0-9]{1,6}--?[a-z0-9]{1,6}$/), fc.constantFrom('tls', 'bootstrap')),
    {
      minLength: 2,
      maxLength: 6,
    },
  )
  .map((labels) => labels.join('.'))
  .filter((domain) => domain.length >= 4 && domain.length <= 63);

describe('the name of a deployment', () => {
  it.each([
    ['jitsi.mycompany.de', 'jitsi-mycompany-de'],
    ['conference.example.org', 'conference-example-o'],
    ['a--b.example.org', 'a-b-example-org'],
    ['meet.tls', 'meet'],
    ['12.34', 'meet'],
  ])('of %s is %s', (domain, name) => expect(nameFrom(domain)).toBe(name));

  it('is valid in a file, for any domain', () => {
    fc.assert(
      fc.property(domains, (domain) => {
        expect(deploymentName.safeParse(nameFrom(domain)).error).toBeUndefined();
      }),
      { numRuns: 500 },
    );
  });

  it.each(['a--b', '-a', 'a-', 'A', '1a', 'abcdefghijklmnopqrstu', 'x-tls', 'x-bootstrap', ''])(
    'is not "%s"',
    (name) => expect(deploymentName.safeParse(name).success).toBe(false),
  );
});

describe('names that CloudFormation generates', () => {
  // From AWS's algorithm, for the default name of jitsi.mycompany.de: the prefix that a policy knows is cut.
  it('are truncated if stack and resource have long names, and have no consecutive hyphens', () => {
    expect(madeUp('convoke-jitsi-mycompany-de', 'JitsiAlertsTerminated09A3F29B3', 64)).toBe(
      'convoke-jitsi-mycompany-d-JitsiAlertsTerminated09A3-ABCDEFGHIJKL',
    );
    expect(madeUp('convoke-a--b', 'JitsiAlertsLost0F29B3C5D', 64)).toMatch(/^convoke-a-b-/);
    expect(madeUp('convoke-meet-example-org', 'JitsiAlertsTerminated09A3F29B3', 64)).toMatch(
      /^convoke-meet-example-org-/,
    );
  });
});

describe('what policies and the sweep identify by name', () => {
  it('has a name within its limit, under which it may be created and is found', () => {
    const made = templates({ ...fileOf(STEM), image: 'baked' }, releases);
    const resources = [
      ...Object.entries(made.bootstrap.Resources).map(([id, resource]) => ({
        id,
        ...resource,
        by: 'bootstrap',
      })),
      ...Object.entries(made.deployment.Resources).map(([id, resource]) => ({ id, ...resource, by: '' })),
    ].filter(({ Type }) => KINDS[Type]);
    expect([...new Set(resources.map(({ Type }) => Type))].sort()).toEqual(Object.keys(KINDS).sort());

    fc.assert(
      fc.property(fc.oneof(domains.map(nameFrom), names), (name) => {
        const deployment = { ...fileOf(STEM), name };
        const execution = { ...executionDocument(deployment, ACCOUNT) };
        const asExecution = {
          ...execution,
          Statement: execution.Statement.filter(({ Effect }) => Effect === 'Allow'),
        };
        const boundary = boundaryDocument(deployment, ACCOUNT);
        const deployer = policies(rights({ deployment, account: ACCOUNT }));
        const context = {
          'iam:PermissionsBoundary': iam(`policy/convoke/convoke-${name}-boundary-${REGION}`),
        };
        for (const { id, Type, Properties = {}, by } of resources) {
          const { property, longest, made, swept } = KINDS[Type] as Kind;
          const given = Properties[property];
          const stack = `convoke-${name}${by && `-${by}`}`;
          const full = given === undefined ? madeUp(stack, id, longest) : plain(given).replaceAll(STEM, name);
          expect(full.length, full).toBeLessThanOrEqual(longest);
          const call = { action: made[0], resource: made[1](full, Properties), context };
          if (by) expect(allows(deployer, call), full).toBe(true);
          else {
            expect(allows([asExecution], call), full).toBe(true);
            expect(allows([boundary], call), full).toBe(true);
          }
          if (swept) expect(ownNames(name, REGION), full).toContain(full);
        }
      }),
      { numRuns: 60 },
    );
  });
});
