import {
  DeleteSecurityGroupCommand,
  DeleteVpcEndpointsCommand,
  DescribeSecurityGroupsCommand,
  DescribeVpcEndpointsCommand,
  DescribeVpcsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { DEPLOYMENT_TAG } from '../../contract/tags.js';
import type { Account } from '../account.js';
import { client } from '../clients.js';
import type { Kind, Target } from './kind.js';

/*
 * If Runtime Monitoring is enabled in an account, GuardDuty creates an endpoint and a security group in every VPC with
 * machines, and does not delete them. A subnet with an endpoint, and a network with another security group,
 * cannot be deleted (https://github.com/hashicorp/terraform-provider-aws/pull/46953). GuardDuty creates them again when it
 * needs them. Both have its tag, to which the deployer's policy limits deletion.
 */

/** Ids of the deployment's VPCs; endpoints in others are not touched. */
async function ownNetworks(account: Account, { deployment }: Target): Promise<string[]> {
  const { Vpcs = [] } = await client(account, EC2Client).send(
    new DescribeVpcsCommand({ Filters: [{ Name: `tag:${DEPLOYMENT_TAG}`, Values: [deployment] }] }),
  );
  return Vpcs.map(({ VpcId = '' }) => VpcId);
}

const endpoints: Kind = {
  name: 'endpoints of GuardDuty',
  // Their deletion takes minutes.
  rounds: 60,
  async find(account, target) {
    const networks = await ownNetworks(account, target);
    if (networks.length === 0) return [];
    const { VpcEndpoints = [] } = await client(account, EC2Client).send(
      new DescribeVpcEndpointsCommand({ Filters: [{ Name: 'vpc-id', Values: networks }] }),
    );
    return VpcEndpoints.filter(
      ({ VpcId = '', ServiceName = '', State }) =>
        networks.includes(VpcId) &&
        /\.guardduty-data(-fips)?$/.test(ServiceName) &&
        !/^deleted$/i.test(State ?? ''),
    ).map(({ VpcEndpointId = '' }) => VpcEndpointId);
  },
  async remove(account, id) {
    const { Unsuccessful = [] } = await client(account, EC2Client).send(
      new DeleteVpcEndpointsCommand({ VpcEndpointIds: [id] }),
    );
    const [refused] = Unsuccessful;
    if (refused) throw new Error(refused.Error?.Message ?? refused.Error?.Code);
  },
};

const securityGroups: Kind = {
  name: 'security groups of GuardDuty',
  async find(account, target) {
    const networks = await ownNetworks(account, target);
    if (networks.length === 0) return [];
    const { SecurityGroups = [] } = await client(account, EC2Client).send(
      new DescribeSecurityGroupsCommand({ Filters: [{ Name: 'vpc-id', Values: networks }] }),
    );
    return SecurityGroups.filter(
      ({ VpcId = '', GroupName = '' }) =>
        networks.includes(VpcId) && GroupName === `GuardDutyManagedSecurityGroup-${VpcId}`,
    ).map(({ GroupId = '' }) => GroupId);
  },
  async remove(account, id) {
    await client(account, EC2Client).send(new DeleteSecurityGroupCommand({ GroupId: id }));
  },
};

export const guardDutyKinds: readonly Kind[] = [endpoints, securityGroups];
