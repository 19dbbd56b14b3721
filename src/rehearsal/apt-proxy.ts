import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pWaitFor from 'p-wait-for';
import { assertFree } from './emulator.js';

export interface AptProxy {
  readonly port: number;
  readonly url: string;
  readonly process: ChildProcess;
}

/**
 * A cache of Debian packages on loopback, so that each is fetched once; machines have no other access to a mirror.
 */
export async function startAptProxy(cache: string, run: string): Promise<AptProxy> {
  const port = await freePort();
  const configuration = join(run, 'apt-proxy');
  const packages = join(cache, 'packages');
  for (const folder of [configuration, packages]) mkdirSync(folder, { recursive: true });
  // Debian's default configuration redirects requests to other mirrors.
  writeFileSync(join(configuration, 'acng.conf'), '');
  const log = openSync(join(run, 'apt-proxy.log'), 'a');
  // Its parent may be killed, and then nothing else would stop it.
  const child = spawn(
    'setpriv',
    [
      '--pdeathsig',
      'KILL',
      'apt-cacher-ng',
      '-c',
      configuration,
      'ForeGround=1',
      'BindAddress=127.0.0.1',
      `Port=${port}`,
      `CacheDir=${packages}`,
      `LogDir=${configuration}`,
      `PidFile=${join(configuration, 'pid')}`,
      `SocketPath=${join(configuration, 'socket')}`,
    ],
    { stdio: ['ignore', log, log], env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` } },
  );
  const url = `http://127.0.0.1:${port}`;
  await pWaitFor(async () => (await fetch(url).catch(() => undefined)) !== undefined, {
    interval: 50,
    timeout: 20_000,
  });
  return { port, url, process: child };
}

/** A free port below the range of outgoing connections: the cache does not support higher ports. */
async function freePort(): Promise<number> {
  for (let port = 20_000 + Math.floor(Math.random() * 10_000); port < 32_768; port++) {
    const free = await assertFree(port).then(
      () => true,
      () => false,
    );
    if (free) return port;
  }
  throw new Error('No port is free for the package cache.');
}
