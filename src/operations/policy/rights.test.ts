import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseDeployment } from '../../config/load.js';
import { MOST_CHARACTERS, MOST_POLICIES, policies, size, statement } from './document.js';
import { executionDocument } from './policy.js';
import { actionsOf, NEVER_REFUSED, OTHERWISE_NAMED, rights } from './rights.js';

const FILE = 'region: eu-central-1\nalerts: ops@example.org\nname: meet\n';
const ARN = 'arn:aws:acm:eu-central-1:123456789012:certificate/0a1b2c3d';
const deployment = parseDeployment(
  `domain: meet.example.org\ncertificate: ${ARN}\naccess: hosts\nlogin: {issuer: https://accounts.google.com, client: x, allow: everyone}\nssh: {key: ada, from: {office: 203.0.113.0/24}}\nshell: on\nrecording: {max: 1}\n${FILE}`,
  'test',
);
/** DNS managed by the user: no right to a hosted zone, but to the certificate that the user validates. */
const byHand = parseDeployment(`domain: meet.example.org\ndns: manual\n${FILE}`, 'test');
const all = [deployment, byHand].flatMap((given) => rights({ deployment: given, account: '123456789012' }));

/** IAM's prefix of each SDK client's service. */
const SERVICES: Record<string, string> = {
  acm: 'acm',
  'auto-scaling': 'autoscaling',
  budgets: 'budgets',
  cloudformation: 'cloudformation',
  cloudwatch: 'cloudwatch',
  'cloudwatch-logs': 'logs',
  ec2: 'ec2',
  'elastic-load-balancing-v2': 'elasticloadbalancing',
  eventbridge: 'events',
  iam: 'iam',
  lambda: 'lambda',
  pricing: 'pricing',
  'route-53': 'route53',
  s3: 's3',
  'secrets-manager': 'secretsmanager',
  'service-quotas': 'servicequotas',
  sns: 'sns',
  ssm: 'ssm',
  sts: 'sts',
};
/** Made with an administrator's credentials, to give the deployer its own. */
const ADMINISTRATORS = ['apply.ts', 'revoke.ts', 'managed-policies.ts'].map((name) => `policy/${name}`);

/** What runs on machines or in the function for alerts, but operations use too. */
const BELOW = ['src/node/secrets.ts', 'src/alerts/log.ts'];

/** Every call that the source makes with the SDK, as IAM names it. */
function callsInSource(): Set<string> {
  const files = ['src/cloud', 'src/operations'].flatMap((folder) =>
    (readdirSync(folder, { recursive: true }) as string[])
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && !ADMINISTRATORS.includes(name))
      .map((name) => readFileSync(join(folder, name), 'utf8')),
  );
  const imports = [...files, ...BELOW.map((name) => readFileSync(name, 'utf8'))].flatMap((text) => [
    ...text.matchAll(/import \{([^}]*)\} from '@aws-sdk\/client-([a-z0-9-]+)'/g),
  ]);
  return new Set(
    imports.flatMap(([, names = '', client = '']) =>
      [...names.matchAll(/\b(?:paginate(\w+)|(\w+)Command)\b/g)].map(([, paginated, command]) => {
        expect(Object.keys(SERVICES)).toContain(client);
        return `${SERVICES[client]}:${paginated ?? command}`;
      }),
    ),
  );
}

describe('the rights', () => {
  it('are exactly those that the calls in the source need', () => {
    const needed = [...callsInSource()]
      .filter((call) => !NEVER_REFUSED.includes(call))
      .flatMap((call) => OTHERWISE_NAMED[call] ?? [call]);
    const given = all.flatMap(({ calls }) =>
      calls.filter(({ by }) => by === 'convoke').flatMap(({ actions }) => actions),
    );
    expect([...new Set(given)].sort()).toEqual([...new Set(needed)].sort());
  });

  it('name every action, and every resource if the action supports it', () => {
    for (const right of all) {
      for (const action of actionsOf(right)) expect(action).toMatch(/^[a-z0-9]+:[A-Za-z0-9]+$/);
      expect(right.resources.includes('*'), right.sid).toBe(right.unnamed !== undefined);
      expect(right.why).toMatch(/\.$/);
    }
    for (const given of [deployment, byHand]) {
      const sids = rights({ deployment: given, account: '123456789012' }).map(({ sid }) => sid);
      expect(new Set(sids).size).toBe(sids.length);
    }
  });

  it('allow changes only to this deployment’s resources, by name or tag', () => {
    const others = rights({ deployment: { ...deployment, name: 'meeting' }, account: '123456789012' });
    const own = /convoke-meet[-/]|:parameter\/convoke\/meet\/|:certificate\/|cdk-bootstrap|:hostedzone\//;
    for (const right of all.map(statement)) {
      const changes = right.Action.filter(
        (action) => !/:(Describe|Get|List|View|Simulate|AssumeRole)/.test(action),
      );
      if (changes.length === 0) continue;
      const tied = right.Condition !== undefined || right.Resource.every((arn) => own.test(arn));
      expect(tied, right.Sid).toBe(true);
    }
    // A name that begins with another's gives no right over it.
    expect(JSON.stringify(others.map(statement))).not.toMatch(/convoke-meet-/);
  });
});

describe('the policies', () => {
  const longest = parseDeployment(
    `domain: a-rather-long-name-of-a-host.meetings.example.org\ncertificate: ${ARN.replace('eu-central-1', 'ap-southeast-7')}\nregion: ap-southeast-7\nalerts: ops@example.org\naccess: members\nname: abcdefghijklmnopqrst\n`,
    'test',
  );

  it.each([
    ['a short name', deployment],
    ['the longest names', longest],
    ['records managed by the user', { ...longest, dns: { kind: 'manual' } as const, certificate: undefined }],
  ])('are within AWS’s limits, with %s', (_, given) => {
    const made = policies(
      rights({ deployment: given, account: '123456789012', zoneId: 'Z0123456789ABCDEFGHIJ' }),
    );
    expect(made.length).toBeLessThanOrEqual(MOST_POLICIES);
    for (const document of made) expect(size(document)).toBeLessThanOrEqual(MOST_CHARACTERS);
  });

  it('of CloudFormation’s role is within the limit of inline policies', () => {
    // Characters, not counting white space, of all inline policies of a role (IAM and STS quotas).
    expect(size(executionDocument(longest, '123456789012'))).toBeLessThanOrEqual(10_240);
  });

  it('of CloudFormation’s role does not contain CloudFormation functions', () => {
    const document = executionDocument(deployment, '123456789012');
    const text = JSON.stringify(document);
    expect(text).not.toMatch(/Fn::|"Ref"|AWS::|Token\[/);
    expect(text).toContain('arn:aws:iam::123456789012:role/convoke-meet-*');
  });
});
