import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseDeployment } from '../../src/config/load.js';
import { roleName } from '../../src/contract/names.js';
import { boundaryArn } from '../../src/operations/policy/boundary.js';
import { policies } from '../../src/operations/policy/document.js';
import { rights } from '../../src/operations/policy/rights.js';
import { templates } from '../../src/operations/synthesize.js';
import { allows } from '../iam.js';
import { installChecker } from './pypi.js';

const ACCOUNT = '123456789012';
const deployment = parseDeployment(
  'domain: meet.example.org\nregion: eu-central-1\nalerts: ops@example.org\nname: meet\n',
  'a file of the test',
);

/** Actions of handlers for properties that the bootstrap stack does not use, or for listing all resources of a type. */
const NOT_DONE: readonly { readonly for: string; readonly actions: RegExp }[] = [
  {
    for: 'other features of buckets',
    actions:
      /^s3:.*(Abac|Accelerate|Analytics|CORS|Cors|IntelligentTiering|Inventory|Logging|Metadata|Metrics|Notification|ObjectAcl|ObjectLock|PutBucketAcl|Replication|Versioning|Website)|^s3tables:|^s3:ListTagsForResource$/,
  },
  // Nothing replicates into the bucket, and `down` empties it; rules and encryption are changed, and deleted with the bucket.
  { for: 'contents and roles of buckets', actions: /^(s3:DeleteObject|iam:PassRole)$/ },
  { for: 'encryption and rules taken away', actions: /^s3:DeleteBucket(Encryption|Lifecycle)$/ },
  { for: 'managed policies', actions: /^iam:(Attach|Detach)RolePolicy$/ },
  // A role keeps its permissions boundary.
  { for: 'limits taken away', actions: /^iam:Delete(Role|User)PermissionsBoundary$/ },
  { for: 'policies of users and groups', actions: /^iam:(Get|Put|Delete)(User|Group)Policy$/ },
];

/** The part of AWS's schema of a resource type that is read here. */
const Schema = z.object({ handlers: z.record(z.string(), z.object({ permissions: z.array(z.string()) })) });

/** ARNs of the bootstrap stack's resources, by CloudFormation's type. */
const MADE: Readonly<Record<string, readonly string[]>> = {
  'AWS::S3::Bucket': [`arn:aws:s3:::convoke-meet-${ACCOUNT}-eu-central-1`],
  'AWS::S3::BucketPolicy': [`arn:aws:s3:::convoke-meet-${ACCOUNT}-eu-central-1`],
  'AWS::IAM::Role': roles(),
  'AWS::IAM::Policy': roles(),
  'AWS::SSM::Parameter': [`arn:aws:ssm:eu-central-1:${ACCOUNT}:parameter/cdk-bootstrap/c8ccb033c0/version`],
};

const BOUNDED = { 'iam:PermissionsBoundary': boundaryArn(deployment, ACCOUNT) };

function roles(): string[] {
  return (['deploy', 'publish', 'execute'] as const).map(
    (purpose) => `arn:aws:iam::${ACCOUNT}:role/${roleName('meet', purpose, 'eu-central-1')}`,
  );
}

const files = (folder: string) => readdirSync(folder, { recursive: true }) as string[];

describe('calls that CloudFormation makes with the deployer’s rights for the bootstrap stack', () => {
  let schemas: string;
  beforeAll(async () => {
    const home = await installChecker('cfn-lint');
    const found = files(home).find((name) => name.endsWith('cfnlint/data/schemas/version.json'));
    schemas = dirname(join(home, found ?? ''));
  }, 300_000);

  /** Actions that the handlers of a type may call, according to AWS's schema. */
  function handlers(type: string): string[] {
    const types = JSON.parse(readFileSync(join(schemas, 'providers/eu-central-1.json'), 'utf8')) as Record<
      string,
      string
    >;
    const file = files(schemas).find((name) => name.endsWith(`/${types[type]}.json`)) ?? '';
    const { handlers } = Schema.parse(JSON.parse(readFileSync(join(schemas, file), 'utf8')));
    return ['create', 'read', 'update', 'delete'].flatMap((name) => handlers[name]?.permissions ?? []);
  }

  it('are for the types that this test covers', () => {
    const types = Object.values(templates(deployment).bootstrap.Resources).map(({ Type }) => Type);
    expect([...new Set(types)].sort()).toEqual(Object.keys(MADE).sort());
  });

  it.each(Object.entries(MADE))('are allowed for %s', (type, arns) => {
    const given = policies(rights({ deployment, account: ACCOUNT }));
    const needed = handlers(type).filter((action) => !NOT_DONE.some(({ actions }) => actions.test(action)));
    expect(needed.length).toBeGreaterThan(0);
    const refused = needed.flatMap((action) =>
      arns
        .filter((resource) => !allows(given, { action, resource, context: BOUNDED }))
        .map((resource) => `${action} ${resource}`),
    );
    expect(refused).toEqual([]);
  });
});
