import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { emulatedAccount } from '../rehearsal/emulated-account.js';
import type { Account } from './account.js';
import { startSession } from './sessions.js';

const folder = mkdtempSync(join(tmpdir(), 'convoke-sessions-'));
const path = process.env.PATH ?? '';
let systemsManager: Server;
let account: Account;
let answer: { readonly status: number; readonly body: object };

beforeAll(async () => {
  systemsManager = createServer((_, response) => {
    response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify(answer.body));
  }).listen(0, '127.0.0.1');
  await once(systemsManager, 'listening');
  const { port } = systemsManager.address() as AddressInfo;
  account = emulatedAccount({
    region: 'eu-central-1',
    endpoint: `http://127.0.0.1:${port}`,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
});
beforeEach(() => {
  process.env.PATH = `${folder}:${path}`;
  answer = { status: 200, body: { SessionId: 'ada-1', StreamUrl: 'wss://stream', TokenValue: 'secret' } };
});
afterAll(() => {
  process.env.PATH = path;
  systemsManager.close();
  rmSync(folder, { recursive: true });
});

/** A program that prints its arguments as JSON. */
function installPlugin(): void {
  const program = join(folder, 'session-manager-plugin');
  writeFileSync(program, `#!${process.execPath}\nconsole.log(JSON.stringify(process.argv.slice(2)));\n`);
  chmodSync(program, 0o755);
}

describe('a session', () => {
  it('needs AWS’s program, and says where it is, before a session is started', async () => {
    await expect(startSession(account, 'i-01')).rejects.toMatchObject({ name: 'PluginMissing', exitCode: 2 });
  });

  it('is passed to the program with the arguments of AWS’s command line', async () => {
    installPlugin();
    const { file, args } = await startSession(account, 'i-01');
    const given = JSON.parse((await execa(file, [...args])).stdout) as string[];
    expect(JSON.parse(given[0] ?? '')).toEqual(answer.body);
    expect(given.slice(1, 3)).toEqual(['eu-central-1', 'StartSession']);
    expect(JSON.parse(given[4] ?? '')).toEqual({ Target: 'i-01' });
    expect(given[5]).toBe('https://ssm.eu-central-1.amazonaws.com');
  });

  it('cannot be opened on a machine whose agent is not connected, with the reasons', async () => {
    installPlugin();
    answer = { status: 400, body: { __type: 'TargetNotConnected', message: 'i-01 is not connected.' } };
    await expect(startSession(account, 'i-01')).rejects.toMatchObject({
      name: 'NotConnected',
      message: 'Session Manager has no connection to machine i-01.',
    });
  });
});
