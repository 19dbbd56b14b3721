import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { instanceMetadata } from './metadata.js';

let server: Server;
let base: string;
let failures = 0;

beforeEach(async () => {
  failures = 0;
  server = createServer((request, response) => {
    if (failures > 0) {
      failures--;
      response.writeHead(500).end();
    } else if (request.method === 'PUT') {
      response.end('token');
    } else if (request.headers['x-aws-ec2-metadata-token'] !== 'token') {
      response.writeHead(401).end();
    } else if (request.url === '/latest/meta-data/local-ipv4') {
      response.end('10.20.0.10\n');
    } else {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/latest`;
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

const retry = { attempts: 3, wait: async () => {} };

describe('instanceMetadata', () => {
  it('reads with a token, as IMDSv2 requires', async () => {
    expect(await instanceMetadata({ base }).read('local-ipv4')).toBe('10.20.0.10');
  });

  it('retries when the service fails', async () => {
    failures = 2;
    expect(await instanceMetadata({ base, retry }).read('local-ipv4')).toBe('10.20.0.10');
  });

  it('fails with advice', async () => {
    failures = 9;
    await expect(instanceMetadata({ base, retry }).read('local-ipv4')).rejects.toThrow(
      /did not return local-ipv4/,
    );
  });

  it('distinguishes a machine without a public address from a failing service', async () => {
    expect(await instanceMetadata({ base }).readIfThere('public-ipv4')).toBeUndefined();
  });
});
