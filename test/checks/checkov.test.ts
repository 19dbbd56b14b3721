import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { loadDeployment } from '../../src/config/load.js';
import { templates } from '../../src/operations/synthesize.js';
import { releases } from '../sample-release.js';
import { installChecker } from './pypi.js';

/** Checks that do not apply, by resource type, each with the reason. */
const SKIPPED: Readonly<Record<string, { readonly on: string; readonly because: string }>> = {
  CKV_AWS_18: {
    on: 'AWS::S3::Bucket',
    because:
      'The bucket holds the node bundle and packages only, read by the deployment’s own machines; access logs would have no use.',
  },
  CKV_AWS_21: {
    on: 'AWS::S3::Bucket',
    because:
      'Its files are named after what is in them, so none is ever overwritten, and "up" can upload all of them again.',
  },
  CKV_AWS_26: {
    on: 'AWS::SNS::Topic',
    because:
      'EventBridge cannot use the AWS managed key, and a customer managed key costs a dollar a month; mail leaves AWS unencrypted in any case.',
  },
  CKV_AWS_88: {
    on: 'AWS::EC2::LaunchTemplate',
    because:
      'Media reaches bridges straight from participants. Shards have public addresses instead of a NAT gateway, and accept connections from the load balancer only.',
  },
  CKV_AWS_91: {
    on: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
    because: 'Access logs would hold room names and addresses of participants; they are not kept by default.',
  },
  CKV_AWS_115: {
    on: 'AWS::Lambda::Function',
    because:
      'A new account has ten concurrent executions, of which none can be reserved; events that wait are delivered later.',
  },
  CKV_AWS_117: {
    on: 'AWS::Lambda::Function',
    because:
      'In a VPC it would reach AWS’s APIs and webhooks only by a NAT gateway; nothing connects to it, and it connects to no machine.',
  },
  CKV_AWS_149: {
    on: 'AWS::SecretsManager::Secret',
    because:
      'It is encrypted with the AWS managed key. A customer managed key costs a dollar a month, and IAM restricts access already.',
  },
  CKV_AWS_158: {
    on: 'AWS::Logs::LogGroup',
    because: 'CloudWatch encrypts with its own key; a customer managed key costs a dollar a month.',
  },
  CKV_AWS_173: {
    on: 'AWS::Lambda::Function',
    because: 'Its variables hold names and ARNs, no secret, and Lambda encrypts them with AWS’s own key.',
  },
  CKV_AWS_260: {
    on: 'AWS::EC2::SecurityGroup',
    because: 'Port 80 only redirects to 443, for users who enter the name without https://.',
  },
};

/** The part of checkov's report that is read here. */
const Report = z.object({
  results: z.object({
    failed_checks: z.array(
      z.object({ check_id: z.string(), check_name: z.string(), resource: z.string(), file_path: z.string() }),
    ),
  }),
  summary: z.object({ passed: z.number(), parsing_errors: z.number() }),
});

describe('checkov, on the templates of every size', () => {
  const folder = mkdtempSync(join(tmpdir(), 'convoke-checkov-'));
  let report: z.infer<typeof Report>;

  beforeAll(async () => {
    const home = await installChecker('checkov');
    for (const name of readdirSync('examples').filter((each) => each.endsWith('.yaml'))) {
      const made = templates({ ...loadDeployment(join('examples', name)), image: 'baked' }, releases);
      for (const which of ['bootstrap', 'deployment'] as const)
        writeFileSync(join(folder, `${name}.${which}.json`), JSON.stringify(made[which]));
    }
    const options = ['--framework', 'cloudformation', '--output', 'json', '--quiet', '--skip-download'];
    const { stdout } = await execa(
      join(home, 'bin/python'),
      [join(home, 'bin/checkov'), '--directory', folder, ...options],
      { reject: false },
    );
    report = Report.parse(JSON.parse(stdout));
  }, 300_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('finds nothing without an explanation', () => {
    expect(report.summary.parsing_errors).toBe(0);
    expect(report.summary.passed).toBeGreaterThan(0);
    const unexplained = report.results.failed_checks
      .filter(({ check_id, resource }) => !resource.startsWith(`${SKIPPED[check_id]?.on}.`))
      .map(
        ({ check_id, check_name, resource, file_path }) =>
          `${check_id} ${check_name}: ${resource} in ${file_path}`,
      );
    expect(unexplained).toEqual([]);
  });

  it('needs every skip', () => {
    const found = new Set(report.results.failed_checks.map(({ check_id }) => check_id));
    expect(Object.keys(SKIPPED).filter((id) => !found.has(id))).toEqual([]);
  });
});
