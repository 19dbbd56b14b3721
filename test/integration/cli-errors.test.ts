import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, describe, expect, it } from 'vitest';
import { Desk, MAIN, SOLO } from '../desk.js';
import { FAKE_CREDENTIALS, stranger } from './stranger.js';

const desk = new Desk();
afterAll(() => desk.remove());

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
    const user = stranger(desk);
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
      [
        '--mount',
        'sh',
        '-c',
        script,
        'sh',
        home,
        process.execPath,
        MAIN,
        'rehearse',
        '--control-plane-only',
        '--ports',
        desk.ports,
      ],
      {
        cwd: desk.folder,
        reject: false,
        ...stranger(desk),
        env: { ...stranger(desk).env, CONVOKE_HOME: home },
      },
    );
    expect(stderr).toMatch(/small\/cache has \d+ MB of free space, and \d+ MB are needed/);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  });

  it('a machine without Podman, with the command that installs it', async () => {
    const bare = join(desk.folder, 'bin');
    mkdirSync(bare);
    symlinkSync(process.execPath, join(bare, 'node'));
    const { exitCode, stderr } = await desk.convoke(['rehearse'], stranger(desk, bare));
    expect(stderr).toMatch(/apt-get install .*podman/);
    expect(exitCode).toBe(2);
  });

  it.runIf(process.getuid?.() === 0)('a rehearsal without root, with alternatives', async () => {
    chmodSync(desk.folder, 0o755);
    const { exitCode, stderr } = await desk.convoke(['rehearse'], {
      ...stranger(desk),
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
        { ...stranger(desk), uid: 65_534, gid: 65_534 },
      );
      expect(stderr).toMatch(/of-another-user cannot be used: permission denied/);
      expect(stderr).not.toContain('Start a cloud');
      expect(exitCode).toBe(2);
    },
  );

  it('as a JSON object with --json', async () => {
    const { exitCode, stdout } = await desk.convoke(['up', '--json'], stranger(desk));
    expect(exitCode).toBe(2);
    expect(JSON.parse(String(stdout))).toMatchObject({
      error: { name: 'CredentialsMissing', fault: 'user' },
    });
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
        ...stranger(desk),
        env: {
          ...stranger(desk).env,
          ...FAKE_CREDENTIALS,
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
