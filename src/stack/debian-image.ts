import { aws_ec2 as ec2 } from 'aws-cdk-lib';
import type { Architecture } from '../config/deployment.js';

/**
 * Debian 13's official image, by the public parameter that Debian keeps pointing at its newest build
 * (https://wiki.debian.org/Cloud/AmazonEC2Image). It becomes a parameter of the template, so no lookup is needed to write one.
 */
export function debianImage(architecture: Architecture): ec2.IMachineImage {
  return ec2.MachineImage.fromSsmParameter(`/aws/service/debian/release/13/latest/${architecture}`, {
    os: ec2.OperatingSystemType.LINUX,
  });
}
