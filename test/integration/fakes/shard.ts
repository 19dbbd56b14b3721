import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { vi } from 'vitest';
import type { EndpointOverride } from '../../../src/cloud/account.js';
import { MODULES } from '../../../src/node/render/prosody-modules.js';
import { buildFakes } from '../../../src/rehearsal/fakes/build.js';
import { freePort } from '../../free-port.js';
import { type Ingress, openIngress } from './ingress.js';
import { prosodyConfig } from './prosody-config.js';

export const DOMAIN = 'meet.example.test';
export const BREWERY = `jvbbrewery@internal.auth.${DOMAIN}`;

/** Debian's path. The tests need the real Prosody. */
export const PROSODY = ['/usr/bin/prosody', '/usr/sbin/prosody'].find((path) => existsSync(path));

interface Daemon {
  readonly process: ChildProcess;
  readonly ended: Promise<number | null>;
}

export interface BridgeHandle extends Daemon {
  readonly name: string;
  readonly rest: string;
}

/**
 * A shard on loopback with its own ports: a real Prosody, and the fakes as in their packages, behind a
 * TLS ingress.
 */
export class Shard {
  private readonly daemons: Daemon[] = [];
  private prosody: Daemon | undefined;
  private focusDaemon: Daemon | undefined;
  front!: Ingress;
  focus = '';
  private prosodyClient = 0;
  private prosodyHttp = 0;

  private constructor(
    readonly folder: string,
    private readonly focusSettings: string,
  ) {}

  /** `focusSettings`: further lines of Jicofo's configuration. */
  static async start(focusSettings = ''): Promise<Shard> {
    const shard = new Shard(await mkdtemp(join(tmpdir(), 'convoke-fakes-')), focusSettings);
    try {
      await shard.unpack();
      await shard.startProsody();
      await shard.startFocus();
      shard.front = await openIngress({
        domain: DOMAIN,
        pages: join(shard.folder, 'root/usr/share/jitsi-meet'),
        prosody: shard.prosodyHttp,
        focus: Number(new URL(shard.focus).port),
        shard: 'a',
      });
    } catch (error) {
      await shard.stop();
      throw error;
    }
    return shard;
  }

  get endpointOverride(): EndpointOverride {
    return this.front.endpointOverride;
  }

  /** A bridge that joins the brewery, unless it is to wait until one is added. */
  async startBridge(
    name: string,
    options: { shards?: boolean; settings?: string } = {},
  ): Promise<BridgeHandle> {
    const [rest, media] = [await freePort(), await freePort()];
    const shard = `apis.xmpp-client.configs.shard { ${Object.entries(this.shard(name))
      .map(([key, value]) => `${key} = "${value}"`)
      .join(', ')} }`;
    const daemon = await this.startFake(
      name,
      'usr/share/jitsi-videobridge/jvb.sh',
      `videobridge {
        ${options.shards === false ? '' : shard}
        apis.rest.enabled = true
        rest.shutdown.enabled = true
        health.require-valid-address = false
        stats.interval = 200 milliseconds
        shutdown.shutting-down-delay = 0 seconds
        ice.udp.port = ${media}
        http-servers.private.port = ${rest}
        ${options.settings ?? ''}
      }`,
    );
    const handle = { ...daemon, name, rest: `http://127.0.0.1:${rest}` };
    await answers(`${handle.rest}/about/version`);
    if (options.shards !== false) await this.sees(name);
    return handle;
  }

  /** The body of `muc-client/add`. */
  shard(nickname: string): Record<string, string> {
    return {
      hostname: '127.0.0.1',
      port: String(this.prosodyClient),
      domain: `auth.${DOMAIN}`,
      username: 'jvb',
      password: 'of-the-bridge',
      muc_jids: BREWERY,
      muc_nickname: nickname,
      disable_certificate_verification: 'true',
    };
  }

  /** Resolves when the focus has this number of usable bridges. */
  async bridges(count: number): Promise<void> {
    await vi.waitUntil(async () => (await this.stats()).bridge_selector.operational_bridge_count === count, {
      interval: 50,
      timeout: 20_000,
    });
  }

  async stats(): Promise<{
    conferences: number;
    participants: number;
    bridge_selector: { bridge_count: number; operational_bridge_count: number };
  }> {
    return (await (await fetch(`${this.focus}/stats`)).json()) as never;
  }

  async restartProsody(): Promise<void> {
    this.prosody?.process.kill('SIGTERM');
    await this.prosody?.ended;
    await this.runProsody();
  }

  async stop(): Promise<void> {
    await this.front?.close();
    for (const { process } of this.daemons) process.kill('SIGTERM');
    const killer = setTimeout(() => {
      for (const { process } of this.daemons) process.kill('SIGKILL');
    }, 5_000);
    await Promise.all(this.daemons.map(({ ended }) => ended));
    clearTimeout(killer);
    if (!process.env.KEEP) await rm(this.folder, { recursive: true, force: true });
  }

  private async sees(name: string): Promise<void> {
    const knows = async () =>
      (await fetch(`${this.focus}/move-endpoints/move-fraction?bridge=${name}&fraction=0`)).ok;
    await vi.waitUntil(knows, { interval: 50, timeout: 20_000 });
  }

  private async unpack(): Promise<void> {
    const debs = await buildFakes(join(this.folder, 'debs'));
    for (const deb of debs) await execa('dpkg-deb', ['-x', deb, join(this.folder, 'root')]);
  }

  private async startProsody(): Promise<void> {
    this.prosodyClient = await freePort();
    this.prosodyHttp = await freePort();
    const home = join(this.folder, 'prosody');
    await mkdir(home);
    await execa('openssl', [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'],
      ...['-subj', '/CN=test', '-keyout', join(home, 'key'), '-out', join(home, 'crt')],
    ]);
    const plugins = join(this.folder, 'root/usr/share/jitsi-meet/prosody-plugins');
    await writeFile(
      join(home, 'prosody.cfg.lua'),
      prosodyConfig({
        domain: DOMAIN,
        home,
        plugins,
        own: home,
        client: this.prosodyClient,
        http: this.prosodyHttp,
      }),
    );
    await writeFile(join(home, 'mod_convoke_brewery.lua'), MODULES.convoke_brewery ?? '');
    await this.asProsody(home);
    for (const [user, password] of [
      ['focus', 'of-the-focus'],
      ['jvb', 'of-the-bridge'],
    ] as const) {
      await this.prosodyctl(home, ['register', user, `auth.${DOMAIN}`, password]);
    }
    await this.runProsody();
  }

  private async runProsody(): Promise<void> {
    const home = join(this.folder, 'prosody');
    const owner = process.getuid?.() === 0 ? await ids('prosody') : {};
    this.prosody = this.run(
      'prosody',
      PROSODY ?? 'prosody',
      ['-F', '--config', join(home, 'prosody.cfg.lua')],
      owner,
    );
    await answers(`http://127.0.0.1:${this.prosodyHttp}/http-bind`);
  }

  /** Prosody refuses to run as root; Debian's package creates a user for it. */
  private async asProsody(home: string): Promise<void> {
    if (process.getuid?.() !== 0) return;
    await execa('chmod', ['a+rx', this.folder]);
    await execa('chown', ['-R', 'prosody:prosody', home]);
  }

  private async prosodyctl(home: string, args: string[]): Promise<void> {
    const owner = process.getuid?.() === 0 ? await ids('prosody') : {};
    await execa('prosodyctl', ['--config', join(home, 'prosody.cfg.lua'), ...args], { ...owner, cwd: home });
  }

  /** Where Prosody answers HTTP. */
  get prosodyUrl(): string {
    return `http://127.0.0.1:${this.prosodyHttp}`;
  }

  async restartFocus(): Promise<void> {
    this.focusDaemon?.process.kill('SIGTERM');
    await this.focusDaemon?.ended;
    await this.startFocus();
  }

  private async startFocus(): Promise<void> {
    const port = await freePort();
    this.focusDaemon = await this.startFake(
      'focus',
      'usr/share/jicofo/jicofo.sh',
      `jicofo {
        xmpp.client {
          hostname = "127.0.0.1", port = ${this.prosodyClient}, domain = "auth.${DOMAIN}"
          username = "focus", password = "of-the-focus", disable-certificate-verification = true
          reply-timeout = 15 seconds
        }
        bridge.brewery-jid = "${BREWERY}"
        bridge.health-checks { interval = 500 ms, retry-delay = 100 ms }
        bridge.failure-reset-threshold = 1 second
        health.enabled = true
        rest.port = ${port}
        ${this.focusSettings}
      }`,
    );
    this.focus = `http://127.0.0.1:${port}`;
    await answers(`${this.focus}/about/version`);
  }

  private async startFake(name: string, script: string, config: string): Promise<Daemon> {
    const file = join(this.folder, `${name}.conf`);
    await writeFile(file, config);
    return this.run(
      name,
      join(this.folder, 'root', script),
      [],
      {},
      { JAVA_SYS_PROPS: `-Dconfig.file=${file}` },
    );
  }

  private run(
    name: string,
    command: string,
    args: string[],
    owner: { uid?: number; gid?: number },
    env: Record<string, string> = {},
  ): Daemon {
    const child = spawn(command, args, {
      ...owner,
      cwd: this.folder,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const log = createWriteStream(join(this.folder, `${name}.log`), { flags: 'a' });
    child.stdout?.pipe(log);
    child.stderr?.pipe(log);
    const daemon = { process: child, ended: once(child, 'exit').then(([code]) => code as number | null) };
    this.daemons.push(daemon);
    return daemon;
  }

  /** Output of a daemon, for the analysis of a failed test. */
  log(name: string): Promise<string> {
    return readFile(join(this.folder, `${name}.log`), 'utf8');
  }
}

async function answers(url: string): Promise<void> {
  const there = async () => (await fetch(url).catch(() => undefined)) !== undefined;
  await vi.waitUntil(there, { interval: 50, timeout: 20_000 });
}

async function ids(user: string): Promise<{ uid: number; gid: number }> {
  const id = async (flag: string) => Number((await execa('id', [flag, user])).stdout);
  return { uid: await id('-u'), gid: await id('-g') };
}
