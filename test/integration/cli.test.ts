import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, describe, expect, it } from 'vitest';
import { Desk, MAIN, SOLO } from '../desk.js';

const desk = new Desk();
afterAll(() => desk.remove());

/** An environment without the credentials, home and terminal of the user who runs the tests. */
const stranger = (path = process.env.PATH) => ({
  extendEnv: false,
  env: { PATH: path ?? '', HOME: join(desk.folder, 'home'), AWS_EC2_METADATA_DISABLED: 'true' },
});

/** Credentials that no account has. */
const FAKE_CREDENTIALS = { AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'y' };

/** Runs convoke in an isolated network. */
const offline = (args: readonly string[], env: Record<string, string> = {}) =>
  execa('unshare', ['--net', process.execPath, MAIN, ...args], {
    cwd: desk.folder,
    reject: false,
    ...stranger(),
    env: { ...stranger().env, ...env },
  });

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

describe('cost', () => {
  desk.write('virginia.yaml', `${SOLO.replace('eu-central-1', 'us-east-1')}budget: {monthly: 50}\n`);
  desk.write('mexico.yaml', SOLO.replace('eu-central-1', 'mx-central-1'));

  it('needs neither credentials nor network, and names the source of each price', async () => {
    const { exitCode, stdout } = await offline(['cost', '-c', 'virginia.yaml']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/shards, t4g\.medium +730 +hour +\$0\.0336 +\$24\.53/);
    expect(stdout).toMatch(/USD a month, without tax +\$53\.66 +\$69\.20 +\$69\.20/);
    expect(stdout).toContain('No AWS credentials found');
    expect(stdout).toMatch(/Prices from the snapshot[^\n]*, read 20\d\d-\d\d-\d\d/);
    expect(stdout).toMatch(/^ {2}20\d\d-\d\d-\d\d {2}https:/m);
    expect(stdout).toMatch(/budget of \$50\.00[^\n]*tag "convoke:deployment" is activated/);
  });

  it('uses the snapshot if there are credentials but AWS cannot be reached', async () => {
    const keys = { AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'y' };
    const { exitCode, stdout } = await offline(['cost', '-c', 'virginia.yaml'], keys);
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

describe('a user error exits with 2, says what is wrong and what to do', () => {
  desk.write('debt.yaml', `${SOLO}budget: -5\n`);
  desk.write('words.yaml', `${SOLO}budget: {monthly: "ten"}\n`);
  desk.write('bad-region.yaml', SOLO.replace('eu-central-1', 'eu-central-9'));
  it.concurrent.each([
    ['an unknown command', ['upp'], /unknown command/],
    ['an unknown option', ['up', '--fast'], /unknown option/],
    ['an unknown cloud', ['up', '--cloud', 'azure'], /Allowed choices are aws, rehearsal/],
    ['no file', ['up', '-c', 'none.yaml'], /none\.yaml does not exist/],
    ['an unknown region', ['up', '-c', 'bad-region.yaml'], /did you mean eu-central-1/],
    [
      'a negative budget',
      ['cost', '-c', 'debt.yaml'],
      /budget must be a group of settings, not the number -5/,
    ],
    [
      'a budget in words',
      ['cost', '-c', 'words.yaml'],
      /budget\.monthly must be a number, not the text "ten"/,
    ],
    ['half a participant', ['cost', '--participants', '1.5'], /Expected a whole number/],
    ['more hours than a month has', ['cost', '--hours', '800'], /A month has 730 hours/],
    ['no credentials', ['up'], /No AWS credentials found/],
    [
      'a profile that does not exist',
      ['up'],
      /for the profile "nix"\.\n.*profile: \[nix\][\s\S]*Log in/,
      { AWS_PROFILE: 'nix' },
    ],
    ['down both now and when empty', ['down', '--now', '--when-empty'], /cannot be used with/],
    [
      'a domain without a region, in place of the file',
      ['down', '--domain', 'meet.example.org'],
      /both domain and region are needed/,
    ],
    [
      'a domain with an unknown region, in place of the file',
      ['down', '--domain', 'meet.example.org', '--region', 'eu-central-9'],
      /did you mean eu-central-1/,
    ],
    [
      'an option in place of the domain',
      ['down', '--domain', '-x', '--region', 'eu-central-1'],
      /domain is a single word[\s\S]*Correct --domain/,
    ],
    ['no credentials for check', ['check'], /No AWS credentials found/],
    ['no file for check', ['check', '-c', 'none.yaml'], /none\.yaml does not exist/],
    ['no credentials for policy', ['policy'], /No AWS credentials found[\s\S]*Log in/],
    ['an invalid account', ['policy', '--account', '1234'], /"1234" is not the number of an AWS account/],
    ['a user without --apply', ['policy', '--user', 'ada'], /Add --apply/],
    ['a name that IAM would refuse', ['policy', '--apply', '--user', 'a b'], /"a b" cannot be the name/],
    [
      'an invalid principal',
      ['policy', '--apply', '--role', '--principal', 'ada'],
      /"ada" is not an AWS principal/,
    ],
    ['a policy that is to be applied and removed', ['policy', '--apply', '--remove'], /cannot be used with/],
    ['no rehearsal', ['--cloud', 'rehearsal', 'status'], /No rehearsal is running/],
    ['a drill without a target', ['drill'], /missing required argument 'what'/],
    ['an unknown drill', ['drill', 'moon'], /Allowed choices are shard, bridge, zone, drain/],
    ['an unknown scenario', ['rehearse', '--scenario', 'shard,moon'], /"moon" is not a scenario/],
    ['the same port twice', ['rehearse', '--ports', '5000,5000'], /Expected two different ports/],
    [
      'a path that cannot be written',
      ['preview', '--offline', '--template', 'no/such/place.json'],
      /place\.json cannot be used: it does not exist, or its folder does not/,
    ],
    [
      'a home below /proc',
      ['--cloud', 'rehearsal', 'up'],
      /\/proc\/none cannot be used/,
      { CONVOKE_HOME: '/proc/none' },
    ],
    ['no time', ['upgrade', '--at', '25:00'], /"25:00" is not a time of day/, FAKE_CREDENTIALS],
  ] as [string, string[], RegExp, Record<string, string>?][])('%s', async (_, args, said, env = {}) => {
    const user = stranger();
    const { exitCode, stderr, stdout } = await desk.convoke(args, { ...user, env: { ...user.env, ...env } });
    expect(stderr).toMatch(said);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  });

  it('a port that is in use, and creates nothing', async () => {
    const server = createServer().listen(4603, '127.0.0.1');
    try {
      const { exitCode, stderr } = await desk.convoke([
        'rehearse',
        '--ports',
        '4603,4604',
        '--control-plane-only',
      ]);
      expect(stderr).toContain('Port 4603 on 127.0.0.1 is taken');
      expect(exitCode).toBe(2);
      expect(existsSync(join(desk.folder, 'rehearsal-report'))).toBe(false);
    } finally {
      server.close();
    }
  });

  it('too small a disk for the emulator, and leaves nothing on it', async () => {
    const home = join(desk.folder, 'small');
    mkdirSync(home);
    const script =
      'mount -t tmpfs -o size=20m none "$1"; shift; "$@"; code=$?; ls "$CONVOKE_HOME/cache"; exit $code';
    const { exitCode, stderr, stdout } = await execa(
      'unshare',
      ['--mount', 'sh', '-c', script, 'sh', home, process.execPath, MAIN, 'rehearse', '--control-plane-only'],
      {
        cwd: desk.folder,
        reject: false,
        ...stranger(),
        env: { ...stranger().env, CONVOKE_HOME: home },
      },
    );
    expect(stderr).toMatch(/small\/cache has \d+ MB of free space, and \d+ MB are needed/);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  });

  it('a machine without Podman, with the command that installs it', async () => {
    const bare = join(desk.folder, 'bin');
    mkdirSync(bare);
    symlinkSync(process.execPath, join(bare, 'node'));
    const { exitCode, stderr } = await desk.convoke(['rehearse'], stranger(bare));
    expect(stderr).toMatch(/apt-get install .*podman/);
    expect(exitCode).toBe(2);
  });

  it.runIf(process.getuid?.() === 0)('a rehearsal without root, with alternatives', async () => {
    chmodSync(desk.folder, 0o755);
    const { exitCode, stderr } = await desk.convoke(['rehearse'], {
      ...stranger(),
      uid: 65_534,
      gid: 65_534,
    });
    expect(stderr).toMatch(/only root[\s\S]*--control-plane-only/);
    expect(exitCode).toBe(2);
  });

  it.runIf(process.getuid?.() === 0)(
    'a folder for the report that cannot be written, before it starts',
    async () => {
      chmodSync(desk.folder, 0o755);
      const report = join(desk.folder, 'of-another-user');
      mkdirSync(report);
      const { exitCode, stderr } = await desk.convoke(
        ['rehearse', '--control-plane-only', '--ports', desk.ports, '--report', report],
        { ...stranger(), uid: 65_534, gid: 65_534 },
      );
      expect(stderr).toMatch(/of-another-user cannot be used: permission denied/);
      expect(stderr).not.toContain('Start a cloud');
      expect(exitCode).toBe(2);
    },
  );

  it('as a JSON object with --json', async () => {
    const { exitCode, stdout } = await desk.convoke(['up', '--json'], stranger());
    expect(exitCode).toBe(2);
    expect(JSON.parse(String(stdout))).toMatchObject({
      error: { name: 'CredentialsMissing', fault: 'user' },
    });
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

describe('an error of AWS about credentials', () => {
  it.each([
    ['ExpiredToken', 'The security token included in the request is expired', /Log in again/],
    ['InvalidClientTokenId', 'The security token included in the request is invalid', /enable the region/],
    [
      'SignatureDoesNotMatch',
      'Signature not yet current: 20261203T101500Z is still later than 20261203T100000Z (20261203T095500Z + 5 min.)',
      /clock differs from AWS’s[\s\S]*timedatectl/,
    ],
  ])('%s exits with 2 and says what to do', async (code, message, said) => {
    const aws = createHttpServer((_, response) => {
      response.writeHead(403, { 'content-type': 'text/xml' });
      response.end(
        `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
      );
    }).listen(0, '127.0.0.1');
    try {
      await once(aws, 'listening');
      const { port } = aws.address() as AddressInfo;
      const { exitCode, stderr, stdout } = await desk.convoke(['check'], {
        ...stranger(),
        env: {
          ...stranger().env,
          AWS_ACCESS_KEY_ID: 'x',
          AWS_SECRET_ACCESS_KEY: 'y',
          AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
        },
      });
      expect(stderr).toMatch(said);
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    } finally {
      aws.close();
    }
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
  const keys = { AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'y' };
  const { exitCode, stderr } = await offline(typed.split(' '), keys);
  expect(stderr).toMatch(/AWS could not be reached/);
  expect(exitCode).toBe(1);
});

it('status without network exits with 1, and says that the command can be repeated', async () => {
  const { exitCode, stderr } = await offline(['status'], {
    AWS_ACCESS_KEY_ID: 'x',
    AWS_SECRET_ACCESS_KEY: 'y',
  });
  expect(stderr).toMatch(/AWS could not be reached[\s\S]*continues from where it stopped/);
  expect(exitCode).toBe(1);
});

it('probe without network exits with 1, and shows which step failed and why', async () => {
  const { exitCode, stderr, stdout } = await offline(['probe'], FAKE_CREDENTIALS);
  expect(stderr).toMatch(/✗ Join a meeting/);
  expect(stdout).toMatch(/✗ +page .*does not resolve/);
  expect(exitCode).toBe(1);
});
