import type { ChildProcess } from 'node:child_process';
import { renameSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { ExecaError } from 'execa';
import { ZodError } from 'zod';
import { placeAt } from './addresses.js';
import { startAptProxy } from './apt-proxy.js';
import { Authority } from './certificate-authority.js';
import { DaemonOptions } from './daemon-options.js';
import { DnsAndBalancer } from './dns-and-balancer.js';
import { NOTHING, type Reality, World } from './emulated-state.js';
import { type Emulator, startEmulator } from './emulator.js';
import { debianImage, preparedImage } from './image.js';
import { MachineFault } from './machine-faults.js';
import { Machines } from './machines.js';
import { serveMetadata } from './metadata-server.js';
import { makeNetwork, SecurityGroups } from './network.js';
import { paths } from './paths.js';
import { Podman } from './podman.js';
import { door, nameDoor, relay } from './relays.js';
import type { Stage } from './stages.js';

/**
 * The process behind a rehearsal. It is the parent of everything that runs: the emulator, the resolver, the balancer and
 * the package cache end with it; containers and the network namespace are removed by whoever stops it.
 */
async function main(options: DaemonOptions): Promise<void> {
  const { run, cache } = paths(options.home);
  const place = placeAt({ run, cache });
  const say = (stage: Stage) => process.stdout.write(`${stage}\n`);
  const children: ChildProcess[] = [];
  const end = (code: number) => {
    for (const child of children) child.kill('SIGKILL');
    process.exit(code);
  };
  process.once('SIGTERM', () => end(0));
  /** Without its control plane a cloud is none: whoever asks next is told that nothing runs. */
  const dependOn = (emulator: Emulator) => {
    children.push(emulator.process);
    emulator.process.then(
      () => end(1),
      () => end(1),
    );
  };

  if (!options.machines) {
    say('control-plane');
    const emulator = await startEmulator({ cache, run, port: options.ports.aws, enforce: true });
    dependOn(emulator);
    return ready(run, options);
  }
  const apt = await startAptProxy(cache, run);
  children.push(apt.process);
  const podman = new Podman(place);
  const authority = await Authority.open(cache);
  say('debian');
  const imageOptions = { podman, authority, cache, proxy: apt.url };
  const base = await debianImage(imageOptions);
  if (options.prepare) say('packages');
  const image = options.prepare
    ? await preparedImage({ ...imageOptions, base, packages: options.prepare })
    : base;

  say('network');
  await makeNetwork(place, podman);
  const machines = new Machines(place, podman, image);
  const groups = new SecurityGroups(place);
  let world = NOTHING;
  const network = new DnsAndBalancer(place, authority, options.region);
  await network.start(children);

  relay(place.sockets.api, options.ports.aws);
  relay(place.sockets.apt, apt.port);
  serveMetadata(place.sockets.metadata, () => world);
  door(options.ports.web, place.sockets.web);
  nameDoor(options.ports.aws, place.sockets.names);
  serveWorld(place.sockets.world, {
    async follow(wanted) {
      world = wanted;
      // A machine that starts has its rules before it has a network.
      await groups.follow(wanted);
      machines.follow(wanted);
      await network.follow(wanted);
      return { machines: machines.reality, targets: await network.health(wanted) };
    },
    inflict: (fault) => machines.inflict(fault),
  });

  say('control-plane');
  const emulator = await startEmulator({
    cache,
    run,
    port: options.ports.aws,
    machines: place.sockets.world,
    enforce: true,
  });
  dependOn(emulator);
  ready(run, options);
}

/** Says that the cloud is there: whoever started the daemon waits for this file. */
function ready(run: string, options: DaemonOptions): void {
  const file = join(run, 'cloud.json');
  // Complete under its name or not there: it is read as soon as it is seen.
  writeFileSync(`${file}.new`, JSON.stringify({ pid: process.pid, ...options }));
  renameSync(`${file}.new`, file);
  process.stdout.write('ready\n');
}

interface WorldHandlers {
  follow(world: World): Promise<Reality>;
  inflict(fault: MachineFault): Promise<void>;
}

function serveWorld(socket: string, handlers: WorldHandlers): void {
  createHttpServer(async (request, response) => {
    try {
      const body = JSON.parse((await text(request)) || '{}');
      if (request.url === '/world') {
        const reality = await handlers.follow(World.parse(body));
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(reality));
      } else if (request.url === '/fault') {
        await handlers.inflict(MachineFault.parse(body));
        response.writeHead(200).end('{}');
      } else {
        response.writeHead(404).end();
      }
    } catch (error) {
      process.stderr.write(`${request.url}: ${String(error)}\n`);
      response.writeHead(400, { 'content-type': 'text/plain' }).end(reason(error));
    }
  }).listen(socket);
}

/** Why something was refused, for a person. A program that failed has said it last. */
function reason(error: unknown): string {
  if (error instanceof ExecaError)
    return (
      String(error.stderr || error.shortMessage)
        .trim()
        .split('\n')
        .at(-1) ?? ''
    );
  if (error instanceof ZodError) return error.issues.map(({ message }) => message).join(' ');
  return error instanceof Error ? error.message : String(error);
}

async function text(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}

main(DaemonOptions.parse(JSON.parse(process.argv[2] ?? '{}'))).catch((error: unknown) => {
  const { message, why, now } = error as { message?: string; why?: string; now?: string };
  process.stdout.write(
    `failed ${JSON.stringify({ what: message ?? String(error), why: why ?? '', now: now ?? '' })}\n`,
  );
  process.exit(1);
});
