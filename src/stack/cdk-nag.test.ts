import { App, Aspects } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, it, vi } from 'vitest';
import { temporaryOutput } from '../../test/sample-construct.js';
import { fleet, recorded, solo, team } from '../../test/sample-deployments.js';
import { releases } from '../../test/sample-release.js';
import { BootstrapStack } from './bootstrap-stack.js';
import { DeploymentStack } from './deployment-stack.js';
import { RecordingsStack } from './recordings-stack.js';

// The first stack of a process loads most of CDK, which takes long on a busy machine.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

temporaryOutput();

describe('cdk-nag', () => {
  /** Rules of the AWS Solutions pack that do not fit, each with the reason. */
  const SUPPRESSED: Record<string, string> = {
    'AwsSolutions-VPC7':
      'Flow logs are charged by volume, most of which would be media. Users can enable them on the VPC.',
    'AwsSolutions-EC23':
      'A meeting page and its media are for everybody: ports 80, 443 and UDP 10000 are the product.',
    'AwsSolutions-ELB2':
      'Access logs would hold room names and addresses of participants; they are not kept by default.',
    'AwsSolutions-SMG4':
      'Passwords are derived from the seed at launch; rotating it under running machines would cut them off from each other.',
    'AwsSolutions-L1':
      'The SDK and the other tools of convoke are tested with Node.js 22, which Lambda supports; a newer one comes with them.',
    'AwsSolutions-AS3':
      'Launches and ends are reported in sentences by EventBridge rules, not by Auto Scaling’s bare notifications.',
    'AwsSolutions-IAM5':
      'Each wildcard is used because the action supports no resources, or for the random part of a name with the deployment’s prefix.',
    CdkNagValidationFailure:
      'The rule about encrypted disks (EC26) stumbles over overrides without a launch template of their own; they have the group’s, whose disk is encrypted.',
    'AwsSolutions-S1':
      'The bucket of files holds the node bundle and packages only, read by the deployment’s own machines; access logs would have no use. Those of recordings would need another bucket that remains.',
  };

  const used = new Set<string>();

  it.each([
    ['solo', () => new DeploymentStack(new App(), solo, releases)],
    ['team', () => new DeploymentStack(new App(), team, releases)],
    ['fleet', () => new DeploymentStack(new App(), fleet, releases)],
    ['recorded', () => new DeploymentStack(new App(), recorded, releases)],
    ['recordings', () => new RecordingsStack(new App(), { deployment: 'meet', region: 'eu-central-1' })],
    ['bootstrap', () => new BootstrapStack(new App(), { deployment: 'meet', region: 'eu-central-1' })],
  ])('finds nothing unexplained in the %s', (_name, make) => {
    const stack = make();
    Aspects.of(stack).add(new AwsSolutionsChecks({ verbose: true }));
    const findings = [
      ...Annotations.fromStack(stack).findError('*', Match.stringLikeRegexp('AwsSolutions-.*')),
      ...Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('AwsSolutions-.*')),
    ].map(({ id, entry }) => `${id}: ${String(entry.data)}`);
    const unexplained = findings.filter(
      (finding) =>
        !Object.keys(SUPPRESSED).some((rule) => finding.includes(`${rule}[`) || finding.includes(`${rule}:`)),
    );
    expect(unexplained).toEqual([]);
    for (const rule of Object.keys(SUPPRESSED)) if (findings.some((f) => f.includes(rule))) used.add(rule);
  });

  it('needs every suppression', () => {
    expect([...used].sort()).toEqual(Object.keys(SUPPRESSED).sort());
  });
});
