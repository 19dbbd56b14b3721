import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Desk, SOLO } from '../desk.js';
import { FAKE_CREDENTIALS, offline as offlineAt } from './stranger.js';

const desk = new Desk();
afterAll(() => desk.remove());

const offline = (args: readonly string[], env?: Record<string, string>) => offlineAt(desk, args, env);

describe('preview', () => {
  it('writes the template and the diagram without credentials or network', async () => {
    const { exitCode, stdout } = await offline([
      'preview',
      '--offline',
      '--template',
      'out.json',
      '--picture',
      'out.svg',
    ]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/\+ {2}create {2}EC2::VPC/);
    expect(stdout).toMatch(/Cost at rest: at least \$\d+\.\d\d a month, by the price snapshot that ships/);
    const template = JSON.parse(desk.read('out.json')) as { Resources: Record<string, { Type: string }> };
    const types = Object.values(template.Resources).map(({ Type }) => Type);
    for (const type of [
      'AWS::AutoScaling::AutoScalingGroup',
      'AWS::ElasticLoadBalancingV2::LoadBalancer',
      'AWS::CertificateManager::Certificate',
    ])
      expect(types).toContain(type);
    expect(types).not.toContain('AWS::EC2::NatGateway');
    expect(desk.read('out.svg')).toMatch(/^<svg/);
  });

  it('leaves no files in the home directory', () => {
    expect(readdirSync(desk.folder).sort()).not.toContain('cdk.out');
    expect(existsSync(join(desk.folder, 'home/.cdk'))).toBe(false);
    expect(existsSync(join(desk.folder, 'home/.convoke/scratch'))).toBe(false);
  });
});

describe('invite', () => {
  it('needs neither credentials nor network to say that meetings are open', async () => {
    const { exitCode, stderr } = await offline(['invite', 'standup']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('are open: anyone who knows the name of a room can join it');
  });

  it('says what is wrong with a room', async () => {
    desk.write('members.yaml', `${desk.read('convoke.yaml')}access: members\n`);
    const { exitCode, stdout } = await offline(['invite', 'a/b', '-c', 'members.yaml', '--json']);
    expect(exitCode).toBe(2);
    expect(JSON.parse(stdout).error).toMatchObject({ name: 'CannotInvite', fault: 'user' });
  });
});

describe('login set-secret', () => {
  const login = 'access: hosts\nlogin: {issuer: https://id.example.org, client: x, allow: everyone}\n';

  it('needs neither credentials nor network to say that nobody signs in, or that there is no secret', async () => {
    const open = await offline(['login', 'set-secret']);
    expect([open.exitCode, open.stderr]).toEqual([2, expect.stringContaining('Nobody signs in')]);
    desk.write('hosts.yaml', `${desk.read('convoke.yaml')}${login}`);
    const { exitCode, stderr } = await offline(['login', 'set-secret', '-c', 'hosts.yaml']);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('Standard input is empty.')]);
  });

  it('takes no secret as an argument', async () => {
    const { exitCode, stderr } = await offline(['login', 'set-secret', 'hunter2', '-c', 'hosts.yaml']);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('too many arguments')]);
  });
});

describe('cost', () => {
  desk.write('virginia.yaml', `${SOLO.replace('eu-central-1', 'us-east-1')}budget: {monthly: 50}\n`);
  desk.write('mexico.yaml', SOLO.replace('eu-central-1', 'mx-central-1'));

  it('needs neither credentials nor network, and names the source of each price', async () => {
    const { exitCode, stdout } = await offline(['cost', '-c', 'virginia.yaml']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/shards, t4g\.medium +730 +hour +\$0\.0336 +\$24\.53/);
    expect(stdout).toMatch(/USD a month, without tax +\$53\.96 +\$69\.50 +\$69\.50/);
    expect(stdout).toContain('No AWS credentials found');
    expect(stdout).toMatch(/Prices from the snapshot[^\n]*, read 20\d\d-\d\d-\d\d/);
    expect(stdout).toMatch(/^ {2}20\d\d-\d\d-\d\d {2}https:/m);
    expect(stdout).toMatch(/budget of \$50\.00[^\n]*tag "convoke:deployment" is activated/);
  });

  it('uses the snapshot if there are credentials but AWS cannot be reached', async () => {
    const { exitCode, stdout } = await offline(['cost', '-c', 'virginia.yaml'], FAKE_CREDENTIALS);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/price list did not answer[\s\S]*Prices from the snapshot/);
  });

  it('shows a price without a source as unknown, and says that the sum lacks it', async () => {
    const { exitCode, stdout } = await offline(['cost', '--offline', '-c', 'mexico.yaml']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/shards, t4g\.medium +730 +hour +unknown +unknown/);
    expect(stdout).toMatch(/USD a month, without tax +at least \$10\.95/);
    expect(stdout).toMatch(/these items have no price: shards, t4g\.medium[^\n]* for mx-central-1/);
  });

  it('calculates for the meetings of its options, and prints JSON with --json', async () => {
    const args = [
      'cost',
      '--offline',
      '--json',
      '-c',
      'virginia.yaml',
      '--participants',
      '20',
      '--hours',
      '10',
    ];
    const { exitCode, stdout } = await offline(args);
    expect(exitCode).toBe(0);
    const answer = JSON.parse(String(stdout));
    expect(answer).toMatchObject({
      region: 'us-east-1',
      participantHours: 200,
      assumptions: { participants: 20, hours: 10, megabits: 2.5 },
      prices: { from: 'snapshot' },
      totals: { atRest: { unknown: [] } },
    });
    for (const { price } of answer.items) expect(price.source.address).toMatch(/^https:/);
  });

  it('works for a rehearsal, which has no price list and does not have to run', async () => {
    const { exitCode, stdout } = await offline(['--cloud', 'rehearsal', 'cost']);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('A rehearsal has no price list');
  });
});

describe('init', () => {
  it('accepts options, writes a valid file, and does not overwrite one', async () => {
    const flags = [
      '--domain',
      'Meet.Example.org',
      '--region',
      'eu-west-1',
      '--alerts',
      'ops@example.org',
      '-c',
      'new.yaml',
    ];
    expect((await desk.convoke(['init', ...flags])).exitCode).toBe(0);
    expect((await desk.convoke(['preview', '--offline', '-c', 'new.yaml'])).exitCode).toBe(0);
    const again = await desk.convoke(['init', ...flags]);
    expect(again.exitCode).toBe(2);
    expect(again.stderr).toContain('already exists');
  });

  it('refuses values that are invalid in the file, and then writes nothing', async () => {
    const { exitCode, stderr } = await desk.convoke([
      'init',
      '-c',
      'bad.yaml',
      '--domain',
      'https://x.example.org',
      '--region',
      'eu-central-1',
      '--alerts',
      'ops@example.org',
    ]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('only its host name');
    expect(existsSync(join(desk.folder, 'bad.yaml'))).toBe(false);
  });

  it('names the missing option if there is no terminal', async () => {
    const { exitCode, stderr } = await desk.convoke(['init', '-c', 'other.yaml']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('--domain');
  });
});

describe('policy', () => {
  it('prints without credentials or network for a given account', async () => {
    const { exitCode, stdout } = await offline(['policy', '--account', '123456789012', '--json']);
    expect(exitCode).toBe(0);
    const documents = JSON.parse(stdout) as { Statement: { Sid: string; Resource: string[] }[] }[];
    const resources = documents.flatMap(({ Statement }) => Statement).flatMap(({ Resource }) => Resource);
    expect(resources).toContain('arn:aws:sns:eu-central-1:123456789012:convoke-meet-example-org-*');
  });

  it('prints the permissions of CloudFormation as one policy', async () => {
    const { exitCode, stdout } = await offline(['policy', '--account', '123456789012', '--execution']);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ Version: '2012-10-17' });
  });
});

it.concurrent.each([
  ['check'],
  ['policy'],
  ['policy --remove'],
  ['down'],
  ['drill shard --yes'],
  ['invite standup -c members.yaml'],
])('%s without network exits with 1', async (typed) => {
  const { exitCode, stderr } = await offline(typed.split(' '), FAKE_CREDENTIALS);
  expect(stderr).toMatch(/AWS could not be reached/);
  expect(exitCode).toBe(1);
});

it('status without network exits with 1, and says that the command can be repeated', async () => {
  const { exitCode, stderr } = await offline(['status'], FAKE_CREDENTIALS);
  expect(stderr).toMatch(/AWS could not be reached[\s\S]*continues from where it stopped/);
  expect(exitCode).toBe(1);
});

it('probe without network exits with 1, and shows which step failed and why', async () => {
  const { exitCode, stderr, stdout } = await offline(['probe'], FAKE_CREDENTIALS);
  expect(stderr).toMatch(/✗ Join a meeting/);
  expect(stdout).toMatch(/✗ +page .*does not resolve/);
  expect(exitCode).toBe(1);
});
