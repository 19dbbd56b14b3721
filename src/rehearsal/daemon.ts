import type { ChildProcess } from 'node:child_process';
import { renameSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { ExecaError } from 'execa';
import { ZodError } from 'zod';
import { startAptProxy } from './apt-proxy.js';
import { Authority } from './certificate-authority.js';
import type { Stage } from './daemon-protocol.js';
import { DaemonOptions } from './daemon-protocol.js';
import { DnsAndBalancer } from './dns-and-balancer.js';
import { type ActualState, DesiredState, EMPTY_STATE } from './emulated-state.js';
import { type Emulator, startEmulator } from './emulator.js';
import { debianImage, preparedImage } from './image.js';
import { MachineFault } from './machine-faults.js';
import { Machines } from './machines.js';
import { serveMetadata } from './metadata-server.js';
import { makeNetwork, SecurityGroups } from './network.js';
import { paths, resourcesOf } from './paths.js';
import { Podman } from './podman.js';
import { forwardDns, forwardSocket, forwardTcp } from './port-forwards.js';

/**
 * The process behind a rehearsal, and the parent of the emulator, the resolver, the balancer and the package cache,
 * which end with it. Containers and the network namespace are removed by `stopCloud`.
 */
async function main(options: DaemonOptions): Promise<void> {
  const { run, cache } = paths(options.home);
  const resources = resourcesOf({ run, cache });
  const calls = join(run, 'calls');
  const say = (stage: Stage) => process.stdout.write(`${stage}\n`);
  const children: ChildProcess[] = [];
  let controlPlane: Emulator | undefined;
  const end = (code: number) => {
    controlPlane?.kill();
    for (const child of children) child.kill('SIGKILL');
    process.exit(code);
  };
  process.once('SIGTERM', () => end(0));
  /** A cloud without its control plane is useless: the daemon exits, and clients see that nothing runs. */
  const dependOn = (emulator: Emulator) => {
    controlPlane = emulator;
    emulator.process.then(
      () => end(1),
      () => end(1),
    );
  };

  if (!options.machines) {
    say('control-plane');
    const emulator = await startEmulator({ cache, run, port: options.ports.aws, enforce: true, calls });
    dependOn(emulator);
    return ready(run, options);
  }
  const apt = await startAptProxy(cache, run);
  children.push(apt.process);
  const podman = Podman.ofMachines(resources);
  const authority = await Authority.open(cache);
  say('debian');
  const imageOptions = { resources, authority, proxy: apt.url };
  const base = await debianImage(imageOptions);
  if (options.prepare) say('packages');
  const image = options.prepare ? await preparedImage({ ...imageOptions, base, ...options.prepare }) : base;

  say('network');
  await makeNetwork(resources, podman);
  const machines = new Machines(resources, podman, image);
  const groups = new SecurityGroups(resources);
  let desired = EMPTY_STATE;
  const network = new DnsAndBalancer(resources, authority, options.region);
  await network.start(children);

  forwardSocket(resources.sockets.api, options.ports.aws);
  forwardSocket(resources.sockets.apt, apt.port);
  serveMetadata(resources.sockets.metadata, () => desired);
  forwardTcp(options.ports.web, resources.sockets.web);
  forwardDns(options.ports.aws, resources.sockets.names);
  serveWorld(resources.sockets.state, {
    async follow(wanted) {
      desired = wanted;
      // Rules have to exist before a starting machine has a network.
      await groups.follow(wanted);
      machines.follow(wanted);
      await network.follow(wanted);
      return {
        machines: machines.reality,
        images: machines.images.reality,
        targets: await network.health(wanted),
      };
    },
    inject: (fault) => machines.inject(fault),
  });

  say('control-plane');
  const emulator = await startEmulator({
    cache,
    run,
    port: options.ports.aws,
    machines: resources.sockets.state,
    enforce: true,
    calls,
  });
  dependOn(emulator);
  ready(run, options);
}

/** Signals that the cloud is up: the process that started the daemon waits for this file. */
function ready(run: string, options: DaemonOptions): void {
  const file = join(run, 'cloud.json');
  // Written atomically: it is read as soon as it exists.
  writeFileSync(`${file}.new`, JSON.stringify({ pid: process.pid, ...options }));
  renameSync(`${file}.new`, file);
  process.stdout.write('ready\n');
}

interface WorldHandlers {
  follow(desired: DesiredState): Promise<ActualState>;
  inject(fault: MachineFault): Promise<void>;
}

function serveWorld(socket: string, handlers: WorldHandlers): void {
  createHttpServer(async (request, response) => {
    try {
      const body = JSON.parse((await text(request)) || '{}');
      if (request.url === '/state') {
        const reality = await handlers.follow(DesiredState.parse(body));
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(reality));
      } else if (request.url === '/fault') {
        await handlers.inject(MachineFault.parse(body));
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

/** The reason of a failure. A failed program prints it last. */
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
