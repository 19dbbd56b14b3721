import { App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { temporaryOutput } from '../../test/sample-construct.js';
import { solo, team } from '../../test/sample-deployments.js';
import { releases } from '../../test/sample-release.js';
import { machinePolicies } from '../../test/stack-template.js';
import { imageContents } from '../contract/image-contents.js';
import { DeploymentStack } from './deployment-stack.js';

// The first stack of a process loads most of CDK, which takes long on a busy machine.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

temporaryOutput();

const BUILDER = { LaunchTemplateName: 'convoke-meet-image' };
const templateOf = (
  ...args: ConstructorParameters<typeof DeploymentStack> extends [unknown, ...infer Rest] ? Rest : never
) => Template.fromStack(new DeploymentStack(new App(), ...args));

describe('the machine that a machine image is made from', () => {
  let template: Template;
  beforeAll(() => {
    template = templateOf(team, releases);
  });

  it('ends when it powers itself off, runs in a subnet of the deployment, and says what it will contain', () => {
    template.hasResourceProperties('AWS::EC2::LaunchTemplate', {
      ...BUILDER,
      LaunchTemplateData: {
        InstanceInitiatedShutdownBehavior: 'terminate',
        MetadataOptions: { HttpTokens: 'required' },
        BlockDeviceMappings: [{ Ebs: { Encrypted: true } }],
        NetworkInterfaces: [{ SubnetId: { Ref: Match.stringLikeRegexp('^JitsiNetworkVpc') } }],
        TagSpecifications: Match.arrayWith([
          {
            ResourceType: 'instance',
            Tags: Match.arrayWith([
              { Key: 'convoke:contents', Value: imageContents(releases.release, false) },
              { Key: 'convoke:deployment', Value: 'meet' },
              { Key: 'convoke:role', Value: 'image-builder' },
            ]),
          },
        ]),
      },
    });
  });

  it('accepts no connections, and may read the files that it installs and nothing else', () => {
    const groups = template.findResources('AWS::EC2::SecurityGroup', {
      Properties: { GroupDescription: 'convoke meet: machine image' },
    });
    expect(Object.values(groups).map(({ Properties }) => Properties.SecurityGroupIngress)).toEqual([
      undefined,
    ]);
    const [, policy] =
      [...machinePolicies(template)].find(([role]) => role.startsWith('JitsiImageBuilder')) ?? [];
    expect(policy?.Statement.map(({ Sid, Action }) => [Sid, Action])).toEqual([
      ['FetchOwnFiles', 's3:GetObject'],
    ]);
  });

  it('starts from Debian’s image, whatever other machines start from', () => {
    const images = Object.values(template.findResources('AWS::EC2::LaunchTemplate')).map(({ Properties }) => [
      Properties.LaunchTemplateName,
      Object.keys(Properties.LaunchTemplateData.ImageId)[0],
    ]);
    expect(images).toContainEqual(['convoke-meet-image', 'Ref']);
    expect(images.filter(([name]) => name === undefined).map(([, how]) => how)).toEqual([
      'Fn::If',
      'Fn::If',
      'Fn::If',
    ]);
  });
});

it.each([
  ['with "image: debian"', { ...solo, image: 'debian' as const }, releases],
  ['while no release is known', solo, undefined],
])('there is no such machine %s', (_, deployment, known) => {
  const template = templateOf(deployment, known);
  template.resourcePropertiesCountIs('AWS::EC2::LaunchTemplate', BUILDER, 0);
  expect(Object.keys(template.findParameters('Image'))).toEqual([]);
});

it('a type whose console cannot be read while it runs is not used for it', () => {
  const template = templateOf({ ...solo, machines: { architecture: 'amd64', shard: 'm4.large' } }, releases);
  template.hasResourceProperties('AWS::EC2::LaunchTemplate', {
    ...BUILDER,
    LaunchTemplateData: { InstanceType: 't3.medium' },
  });
});
