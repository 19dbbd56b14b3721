import { aws_ec2 as ec2 } from 'aws-cdk-lib';
import type { Architecture } from '../config/deployment.js';
import { debianParameter } from '../contract/published-names.js';

/** Debian 13's official image, as a parameter of the template, so that synthesis needs no lookup. */
export function debianImage(architecture: Architecture): ec2.IMachineImage {
  return ec2.MachineImage.fromSsmParameter(debianParameter(architecture), {
    os: ec2.OperatingSystemType.LINUX,
  });
}
