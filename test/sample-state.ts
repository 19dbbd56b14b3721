import type { DesiredState } from '../src/rehearsal/emulated-state.js';

const GROUP = 'arn:aws:elasticloadbalancing:eu-central-1:000000000000:targetgroup/meet/1';

/** A rule of a security group that allows all traffic. */
export const EVERYTHING: DesiredState['securityGroups'][number]['inbound'][number] = {
  protocol: 'all',
  ports: null,
  ranges: ['0.0.0.0/0'],
  groups: [],
};

/** What the control plane wants of one machine behind a load balancer, with a group that everything passes. */
export function sampleState(changes: Partial<DesiredState> = {}): DesiredState {
  return {
    instances: [
      {
        id: 'i-0123456789abcdef0',
        wanted: 'running',
        imageId: 'ami-1',
        type: 't4g.medium',
        architecture: 'arm64',
        zone: 'eu-central-1a',
        region: 'eu-central-1',
        account: '000000000000',
        privateIp: '10.20.0.10',
        publicIp: '203.0.113.10',
        groups: ['sg-0'],
        userData: Buffer.from('#!/bin/sh\n').toString('base64'),
        tokensRequired: true,
        tags: { 'convoke:role': 'shard', 'aws:autoscaling:groupName': 'group' },
        credentials: {
          role: 'machine',
          accessKeyId: 'id',
          secretAccessKey: 'secret',
          sessionToken: 'token',
          expiration: '2030-01-01T00:00:00Z',
        },
        lifecycleState: 'InService',
        market: 'on-demand',
        skipOsShutdown: false,
        interruption: null,
      },
    ],
    images: [],
    balancers: [
      {
        arn: 'arn:aws:elasticloadbalancing:eu-central-1:000000000000:loadbalancer/app/meet/1',
        kind: 'application',
        name: 'meet',
        dnsName: 'meet-1.eu-central-1.elb.amazonaws.com',
        idleTimeout: 3600,
        groups: ['sg-0'],
        listeners: [
          {
            port: 443,
            protocol: 'HTTPS',
            names: ['meet.example.org'],
            action: { kind: 'forward', targetGroup: GROUP },
            responses: [],
          },
          {
            port: 80,
            protocol: 'HTTP',
            names: [],
            action: { kind: 'redirect', protocol: 'HTTPS', port: '443', status: 301 },
            responses: [],
          },
        ],
      },
    ],
    targetGroups: [
      {
        arn: GROUP,
        protocol: 'HTTP',
        healthCheck: { path: '/health', interval: 5, timeout: 2, healthy: 2, unhealthy: 2, codes: '200' },
        targets: [{ id: 'i-0123456789abcdef0', ip: '10.20.0.10', port: 80 }],
      },
    ],
    securityGroups: [{ id: 'sg-0', inbound: [EVERYTHING], outbound: [EVERYTHING] }],
    names: [{ name: 'meet.example.org', target: 'meet-1.eu-central-1.elb.amazonaws.com' }],
    ...changes,
  };
}
