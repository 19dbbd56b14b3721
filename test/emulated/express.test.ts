import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Account } from '../../src/cloud/account.js';
import { parseDeployment } from '../../src/config/load.js';
import { up } from '../../src/operations/up.js';
import { EmulatedAccount } from './control-plane/account.js';

const file = (more = '') =>
  parseDeployment(
    `domain: meet.example.org\nregion: eu-central-1\nalerts: ops@example.org\nname: meet\n${more}`,
    'a file of the test',
  );

let emulated: EmulatedAccount;
let reader: Server;
let account: Account;
/** Changes that CloudFormation accepted, in order. */
const asked: URLSearchParams[] = [];

beforeAll(async () => {
  emulated = await EmulatedAccount.start();
  await emulated.makeZone();
  // The emulated CloudFormation is equally fast in any mode; the test sees the requested mode.
  reader = createServer(async (asking, answering) => {
    const body = await buffer(asking);
    const words = new URLSearchParams(body.toString('latin1'));
    const { method, url, headers } = asking;
    request(`${emulated.emulator.endpoint}${url}`, { method, headers }, (answer) => {
      // A new role cannot be assumed at once, so the first request may be refused.
      if (words.get('Action') === 'CreateChangeSet' && answer.statusCode === 200) asked.push(words);
      answering.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(answering);
    }).end(body);
  }).listen(0, '127.0.0.1');
  await once(reader, 'listening');
  const { port } = reader.address() as AddressInfo;
  account = { ...emulated.account(), endpoint: `http://127.0.0.1:${port}` };
}, 300_000);
afterAll(async () => {
  reader?.close();
  await emulated?.stop();
});

it('--express uses express mode except for a new certificate, with rollback', async () => {
  const deploy = (deployment = file()) =>
    up({ account, deployment, onProgress: () => {}, join: false, express: true });
  await deploy();
  await deploy(file('access: members\n'));
  expect(
    asked.map((words) => [
      words.get('StackName'),
      words.get('DeploymentConfig.Mode'),
      words.get('DeploymentConfig.DisableRollback'),
    ]),
  ).toEqual([
    ['convoke-meet-bootstrap', 'STANDARD', null],
    ['convoke-meet', 'STANDARD', null],
    // Machines change: once with the old versions pinned, and once when all are replaced.
    ['convoke-meet', 'EXPRESS', 'false'],
    ['convoke-meet', 'EXPRESS', 'false'],
  ]);
}, 120_000);
