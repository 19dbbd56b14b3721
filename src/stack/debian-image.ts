import { Aws, aws_ec2 as ec2 } from 'aws-cdk-lib';
import type { Architecture } from '../config/deployment.js';

/** The public parameter that Debian updates to its newest image (https://wiki.debian.org/Cloud/AmazonEC2Image). */
export const debianParameter = (architecture: Architecture | '*'): string =>
  `/aws/service/debian/release/13/latest/${architecture}`;

/** ARN of these public parameters, which belong to no account. */
export const DEBIAN_PARAMETERS = `arn:${Aws.PARTITION}:ssm:${Aws.REGION}::parameter${debianParameter('*')}`;

/** Debian 13's official image, as a parameter of the template, so that synthesis needs no lookup. */
export function debianImage(architecture: Architecture): ec2.IMachineImage {
  return ec2.MachineImage.fromSsmParameter(debianParameter(architecture), {
    os: ec2.OperatingSystemType.LINUX,
  });
}
