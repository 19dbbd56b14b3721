import { afterEach, expect, it } from 'vitest';
import { type FakeAnswer, FakeApi, type FakeRequest } from '../../../test/fake-api.js';
import { guardDutyKinds } from './guard-duty.js';
import { HOLDING, sweep } from './sweep.js';

const item = (fields: Record<string, string>) =>
  `<item>${Object.entries(fields)
    .map(([key, value]) => `<${key}>${value}</${key}>`)
    .join('')}</item>`;

const DATA = 'com.amazonaws.eu-central-1.guardduty-data';

/** EC2 with two networks, of which one is the deployment's. An endpoint takes a moment to go, and keeps its group as long. */
class FakeNetworks {
  endpoints = [
    { vpcEndpointId: 'vpce-own', vpcId: 'vpc-own', serviceName: DATA, state: 'available' },
    {
      vpcEndpointId: 'vpce-s3',
      vpcId: 'vpc-own',
      serviceName: 'com.amazonaws.eu-central-1.s3',
      state: 'available',
    },
    { vpcEndpointId: 'vpce-other', vpcId: 'vpc-other', serviceName: DATA, state: 'available' },
  ];
  groups = [
    { groupId: 'sg-own', vpcId: 'vpc-own', groupName: 'GuardDutyManagedSecurityGroup-vpc-own' },
    { groupId: 'sg-person', vpcId: 'vpc-own', groupName: 'GuardDutyManagedSecurityGroup-of-mine' },
    { groupId: 'sg-other', vpcId: 'vpc-other', groupName: 'GuardDutyManagedSecurityGroup-vpc-other' },
  ];

  answer({ action, body }: FakeRequest): FakeAnswer {
    const asked = new URLSearchParams(body);
    const set = (name: string, all: readonly Record<string, string>[]) => ({
      body: `<${action}Response><${name}>${all.map(item).join('')}</${name}></${action}Response>`,
    });
    switch (action) {
      case 'DescribeVpcs':
        return set('vpcSet', [{ vpcId: 'vpc-own' }]);
      case 'DescribeVpcEndpoints': {
        const now = set('vpcEndpointSet', this.endpoints);
        this.endpoints = this.endpoints.filter(({ state }) => state !== 'deleting');
        return now;
      }
      case 'DescribeSecurityGroups':
        return set('securityGroupInfo', this.groups);
      case 'DeleteVpcEndpoints':
        this.endpoints = this.endpoints.map((each) =>
          each.vpcEndpointId === asked.get('VpcEndpointId.1') ? { ...each, state: 'deleting' } : each,
        );
        return set('unsuccessful', []);
      default:
        this.groups = this.groups.filter(({ groupId }) => groupId !== asked.get('GroupId'));
        return { body: `<${action}Response><return>true</return></${action}Response>` };
    }
  }
}

let api: FakeApi | undefined;
afterEach(() => api?.stop());

it('only GuardDuty’s resources in the deployment’s own network are deleted', async () => {
  const networks = new FakeNetworks();
  api = await FakeApi.start((request) => networks.answer(request));
  const target = { deployment: 'meet', domain: 'meet.example.org' };
  expect(await sweep(api.account, target, { kinds: guardDutyKinds })).toEqual([
    { kind: 'endpoints of GuardDuty', removed: ['vpce-own'], left: [] },
    { kind: 'security groups of GuardDuty', removed: ['sg-own'], left: [] },
  ]);
  expect(networks.endpoints.map(({ vpcEndpointId }) => vpcEndpointId)).toEqual(['vpce-s3', 'vpce-other']);
  expect(networks.groups.map(({ groupId }) => groupId)).toEqual(['sg-person', 'sg-other']);
});

it('they are deleted before CloudFormation retries to delete a network, once it has no machines', () => {
  const names = HOLDING.map(({ name }) => name);
  expect(names.indexOf('endpoints of GuardDuty')).toBeGreaterThan(names.indexOf('machines'));
});
