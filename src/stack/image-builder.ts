import { aws_ec2 as ec2, aws_iam as iam, Stack, Tags } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { Architecture } from '../config/deployment.js';
import { DEFAULT_SHARD_TYPE } from '../config/size.js';
import { imageContents } from '../contract/image-contents.js';
import type { ImageSpec } from '../contract/machine-spec.js';
import { imageBuilderName, machineRoleName } from '../contract/names.js';
import type { Release } from '../contract/release.js';
import { BUNDLE_TAG, CONTENTS_TAG, IMAGE_BUILDER, RELEASE_TAG, ROLE_TAG } from '../contract/tags.js';
import { userData } from '../node/user-data.js';
import { debianImage } from './debian-image.js';
import { machineSecurityGroup, SYSTEM_DISK } from './launch.js';
import type { NodeAssets } from './node-assets.js';

export interface ImageBuilderProps {
  readonly vpc: ec2.IVpc;
  readonly subnets: readonly ec2.ISubnet[];
  readonly deployment: string;
  readonly domain: string;
  readonly architecture: Architecture;
  /** Instance type of a shard. */
  readonly instanceType: string;
  readonly assets: NodeAssets;
  readonly release: Release;
  /** Whether the image has the agent of AWS Systems Manager. */
  readonly shell: boolean;
  /** Whether the image has what recorders need. */
  readonly recorder: boolean;
}

/**
 * Instance types on the Xen hypervisor, whose console shows only the time after the start (EC2 API, GetConsoleOutput,
 * `Latest`; EC2 user guide, "Xen-based instances"). So nobody would see that the machine is ready.
 */
const XEN = /^(?:c[134]|d2|f1|g3s?|h1|i[23]|m[1-4]|p[23]|r[34]|t[12]|x1e?)\./;

/**
 * The launch template of the machine that a machine image is made from. Nothing is running until `up` or `upgrade` launches it;
 * it ends by itself. It accepts no connections, reads only the files that it installs, and no secret.
 */
export class ImageBuilder extends Construct {
  constructor(scope: Construct, id: string, props: ImageBuilderProps) {
    super(scope, id);
    const { deployment, assets, release, subnets } = props;
    const name = imageBuilderName(deployment);
    const roleName = machineRoleName(name, Stack.of(this).region);
    const role = new iam.Role(this, 'Role', {
      roleName,
      assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com'),
      description: `convoke ${deployment}: what the machine may do that a machine image is made from`,
    });
    const files = { role: 'shard', colocatedBridge: false } as const;
    assets.grantRead(role, files);
    const spec: ImageSpec = {
      role: IMAGE_BUILDER,
      domain: props.domain,
      region: Stack.of(this).region,
      packages: assets.packages,
      release,
      ...(props.shell && { shell: true }),
      ...(props.recorder && { recorder: true }),
    };
    const template = new ec2.LaunchTemplate(this, 'Template', {
      launchTemplateName: name,
      // Always Debian's: an image that was made from an older one would keep what that one had.
      machineImage: debianImage(props.architecture),
      instanceType: new ec2.InstanceType(
        XEN.test(props.instanceType) ? DEFAULT_SHARD_TYPE[props.architecture] : props.instanceType,
      ),
      instanceProfile: new iam.InstanceProfile(this, 'Profile', { instanceProfileName: roleName, role }),
      securityGroup: machineSecurityGroup(this, { vpc: props.vpc, deployment, purpose: 'machine image' }),
      associatePublicIpAddress: true,
      requireImdsv2: true,
      httpPutResponseHopLimit: 1,
      instanceInitiatedShutdownBehavior: ec2.InstanceInitiatedShutdownBehavior.TERMINATE,
      userData: ec2.UserData.custom(
        userData({
          spec: Stack.of(this).toJsonString(spec),
          region: spec.region,
          command: 'bake',
          files: assets.bundleFor(files),
        }),
      ),
      blockDevices: [SYSTEM_DISK],
    });
    // RunInstances names no subnet beside a template with a network interface.
    const subnet = subnets[0]?.subnetId;
    (template.node.defaultChild as ec2.CfnLaunchTemplate).addPropertyOverride(
      'LaunchTemplateData.NetworkInterfaces.0.SubnetId',
      subnet,
    );
    Tags.of(template).add(ROLE_TAG, IMAGE_BUILDER);
    Tags.of(template).add(RELEASE_TAG, release.name);
    Tags.of(template).add(CONTENTS_TAG, imageContents(release, props.recorder));
    Tags.of(template).add(BUNDLE_TAG, assets.bundle);
    Tags.of(template).add('Name', name);
  }
}
