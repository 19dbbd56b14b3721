import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { releases } from '../../test/sample-release.js';
import { loadDeployment } from '../config/load.js';
import { templates } from '../operations/synthesize.js';
import { resourceLabel } from './resource-labels.js';

// The first stack of a process loads most of CDK, which takes long on a busy machine.
vi.setConfig({ testTimeout: 180_000 });

const EXAMPLES = join(import.meta.dirname, '../../examples');

describe('every resource of', () => {
  it.each(readdirSync(EXAMPLES).filter((file) => file.endsWith('.yaml')))(
    '%s has words of its own, none of them a logical id or a bare type',
    (file) => {
      const { bootstrap, deployment } = templates(
        { ...loadDeployment(join(EXAMPLES, file), () => {}), image: 'baked' },
        releases,
      );
      const resources = [bootstrap, deployment].flatMap((template) => Object.entries(template.Resources));
      const names = resources.map(([id, { Type }]) => resourceLabel(id, Type));
      expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
      expect(names.filter((name) => /Jitsi|Shard|\$|[0-9A-F]{8}/.test(name))).toEqual([]);
      // What the table lacks is named by its type alone.
      const lacking = resources.filter(([id]) => resourceLabel(id, 'AWS::Any::Thing') === 'thing');
      expect(lacking.map(([id]) => id)).toEqual([]);
    },
  );
});

it.each([
  ['JitsiShardARole44959DB6', 'AWS::IAM::Role', "role of shard a's machines"],
  [
    'JitsiShardBGroupASG9FAF21D8',
    'AWS::AutoScaling::AutoScalingGroup',
    'machine of shard b (Auto Scaling group)',
  ],
  [
    'JitsiShardsSecurityGroupfromconvokemeetexampleorgJitsiBridgesSecurityGroup0D8C35EF5222178A325C',
    'AWS::EC2::SecurityGroupIngress',
    'security group rule: the shards accept bridges on port 5222',
  ],
  [
    'JitsiBridgesScalingAtLeast8From07305237EB2B',
    'AWS::AutoScaling::ScheduledAction',
    'schedule: at least 8 bridges from 07:30',
  ],
  ['convoke-meet', 'AWS::CloudFormation::Stack', 'the stack as a whole'],
  ['SomethingOlder0123ABCD', 'AWS::EC2::SecurityGroupIngress', 'security group ingress'],
  ['SomethingOlder0123ABCD', 'AWS::EC2::VPC', 'VPC'],
])('%s (%s) is "%s"', (id, type, name) => {
  expect(resourceLabel(id, type)).toBe(name);
});
