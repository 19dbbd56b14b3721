import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pWaitFor from 'p-wait-for';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Account } from '../../src/cloud/account.js';
import { parseDeployment } from '../../src/config/load.js';
import { check, exitCode } from '../../src/operations/check/check.js';
import { recordLookup } from '../../src/operations/dns/lookup.js';
import type { SeenRecord } from '../../src/operations/dns/record.js';
import { lookUp, resolverOf } from '../../src/operations/dns/resolver.js';
import { down } from '../../src/operations/down/down.js';
import { apply } from '../../src/operations/policy/apply.js';
import { boundaryDocument, callerContext, deployerPolicies } from '../../src/operations/policy/policy.js';
import { revoke } from '../../src/operations/policy/revoke.js';
import { preview } from '../../src/operations/preview.js';
import type { ProgressEvent } from '../../src/operations/progress.js';
import { type UpResult, up } from '../../src/operations/up.js';
import { aliasOptions } from '../../src/rehearsal/hosts-file.js';
import { freePort } from '../free-port.js';
import type { Call } from '../iam.js';
import { sampleState } from '../sample-state.js';
import { EmulatedAccount } from './control-plane/account.js';

const deployment = parseDeployment(
  'domain: meet.example.org\nregion: eu-central-1\nalerts: ops@example.org\nname: meet\ndns: manual\n',
  'a file of the test',
);

let emulated: EmulatedAccount;
let account: Account;
let provider: Provider;

/** A user's DNS provider: dnsmasq on this machine serves its records, and the emulated ACM finds them. */
class Provider {
  private records: { name: string; target: string }[] = [];
  private server: ChildProcess | undefined;

  constructor(
    readonly port: number,
    private readonly file: string,
  ) {}

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** As in a provider's form: a name has one entry, and the latest counts. */
  async put(name: string, target: string): Promise<void> {
    this.records = [...this.records.filter((record) => record.name !== name), { name, target }];
    writeFileSync(this.file, this.records.map((r) => `${r.name} CNAME ${r.target}\n`).join(''));
    await this.serve();
  }

  async serve(): Promise<void> {
    await this.stop();
    this.server = spawn(
      'dnsmasq',
      [
        ...['--keep-in-foreground', '--conf-file=/dev/null', '--no-resolv', '--no-hosts', '--pid-file'],
        ...['--local=/#/', '--bind-interfaces', '--listen-address=127.0.0.1', `--port=${this.port}`],
        ...aliasOptions(sampleState({ balancers: [], names: this.records })),
      ],
      { stdio: 'ignore', env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` } },
    );
    const ask = () => lookUp((r) => r.resolve4('nobody.example'), resolverOf([this.address]));
    await pWaitFor(async () => (await ask()).kind === 'no such name', { interval: 50, timeout: 20_000 });
  }

  async stop(): Promise<void> {
    const { server } = this;
    if (!server || server.exitCode !== null) return;
    await new Promise((resolve) => server.once('exit', resolve).kill('SIGTERM'));
  }
}

/** Runs `up` and calls `read` with the whole output after each line, as for a user who follows it. */
function upAs(
  who: Account,
  read: (events: ProgressEvent[]) => void,
  signal?: AbortSignal,
): Promise<UpResult> {
  const events: ProgressEvent[] = [];
  return up({
    account: who,
    deployment,
    join: false,
    onProgress(event) {
      events.push(event);
      read(events);
    },
    ...(signal && { signal }),
  });
}

const shown = (events: readonly ProgressEvent[]): SeenRecord[][] =>
  events.flatMap((event) => (event.kind === 'records' ? [[...event.records]] : []));

beforeAll(async () => {
  emulated = await EmulatedAccount.start({ enforce: true, list: true });
  const file = join(emulated.run, 'records');
  writeFileSync(file, '');
  provider = new Provider(await freePort(), file);
  await provider.serve();
  const root: Account = {
    ...emulated.account(),
    dns: { kind: 'server', address: provider.address },
  };
  const where = await callerContext(root, deployment);
  const { key } = await apply({
    account: root,
    accountId: where.account,
    deployment,
    documents: deployerPolicies(deployment, where),
    boundary: boundaryDocument(deployment, where.account),
    kind: 'user',
  });
  account = {
    ...root,
    credentials: async () => ({ accessKeyId: key?.id ?? '', secretAccessKey: key?.secret ?? '' }),
  };
}, 300_000);
afterAll(async () => {
  await provider?.stop();
  await emulated?.stop();
});

describe('manual DNS records, with only the rights that "policy" prints', () => {
  let proof: SeenRecord | undefined;

  it('are announced by check and preview', async () => {
    const found = await check(account, deployment);
    expect(exitCode(found)).toBe(0);
    expect(found.find(({ subject }) => subject === 'records')?.said).toContain('you have to add them');
    expect((await preview(deployment, account)).records).toEqual([
      { name: '_….meet.example.org', type: 'CNAME', purpose: 'proves meet.example.org' },
      { name: 'meet.example.org', type: 'CNAME', purpose: 'leads to the meeting page' },
    ]);
  });

  it('are shown while up waits for them; an interruption leaves only the certificate request', async () => {
    const abort = new AbortController();
    await expect(
      upAs(
        account,
        (events) => {
          [proof] = shown(events).at(-1) ?? [];
          if (events.at(-1)?.kind === 'waiting') abort.abort();
        },
        abort.signal,
      ),
    ).rejects.toThrow(/abort/i);
    expect(proof).toMatchObject({
      name: expect.stringMatching(/^_[0-9a-f]+\.meet\.example\.org$/),
      type: 'CNAME',
      value: expect.stringMatching(/\.acm-validations\.aws$/),
      state: 'missing',
    });
  });

  it('are the same in the next run, which reports wrong ones and detects correct ones', async () => {
    const states: string[] = [];
    let first: SeenRecord[] | undefined;
    let adding: Promise<void> = provider.put(proof?.name ?? '', 'parking.example.net');
    await adding;
    const result = await upAs(account, (events) => {
      if (events.at(-1)?.kind !== 'records') return;
      const [latest = []] = shown(events).slice(-1);
      first ??= latest;
      for (const { name, state, detail } of latest) states.push(`${name} ${state} ${detail}`.trim());
      for (const { name, value, state } of latest) {
        if (state === 'missing' || state === 'wrong') adding = adding.then(() => provider.put(name, value));
      }
    });
    await adding;
    expect(first?.map(({ name, value }) => ({ name, value }))).toEqual([
      { name: proof?.name, value: proof?.value },
    ]);
    const domain = result.records.find(({ name }) => name === 'meet.example.org');
    expect(domain?.value).toMatch(/^convoke-meet-.*elb\.amazonaws\.com$/);
    // The server is started again with each record; a lookup in that moment is refused.
    expect([...new Set(states)].filter((state) => !state.endsWith(' unknown ECONNREFUSED'))).toEqual([
      `${proof?.name} wrong points to parking.example.net`,
      `${proof?.name} seen`,
      'meet.example.org missing',
      'meet.example.org seen',
    ]);
    expect(result.records.map(({ name }) => name)).toEqual([proof?.name, 'meet.example.org']);
  }, 120_000);

  it('are not requested again once they exist: another run changes nothing and does not wait', async () => {
    const received: ProgressEvent[] = [];
    const result = await upAs(account, (events) => received.push(...events.slice(-1)));
    expect(result.changed).toBe(false);
    expect(shown(received)).toEqual([]);
    const found = await check(account, deployment);
    expect(found.filter(({ subject }) => subject === 'records').map(({ state }) => state)).toEqual([
      'fine',
      'fine',
    ]);
  });

  it('are listed by down, since only the user can remove them; the certificate is deleted', async () => {
    // The setting of TURN in the current file does not matter.
    const changed = { ...deployment, turn: true };
    const { records, leftovers, swept } = await down({ account, deployment: changed, onProgress: () => {} });
    expect(leftovers).toEqual([]);
    expect(records.map(({ name }) => name)).toEqual([proof?.name, 'meet.example.org']);
    expect(swept.find(({ kind }) => kind === 'certificates')?.removed).toHaveLength(1);
    // Only DNS still has the name of the load balancer.
    const again = await down({ account, deployment, onProgress: () => {} });
    expect(again.records.map(({ name }) => name)).toEqual(['meet.example.org']);
  }, 120_000);

  it('need no other rights', async () => {
    const calls = readFileSync(join(emulated.run, 'calls'), 'utf8').trim().split('\n');
    const refused = calls.map((line) => JSON.parse(line) as Call).filter(({ allowed }) => !allowed);
    expect(refused).toEqual([]);
    await revoke({ ...account, credentials: async () => emulated.emulator.credentials }, deployment);
  });
});

it('records of an emulated cloud without DNS are not looked up in public DNS', async () => {
  const record = { name: 'meet.example.org', type: 'CNAME', value: 'x.example.org', purpose: '' } as const;
  expect(await recordLookup({ ...account, dns: { kind: 'nowhere' } })([record])).toMatchObject([
    { state: 'unknown' },
  ]);
});
