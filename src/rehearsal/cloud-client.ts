import { once } from 'node:events';
import { appendFileSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import type { EndpointOverride, ShellCommand } from '../cloud/account.js';
import { turnName } from '../config/turn.js';
import { ConvokeError } from '../contract/errors.js';
import { ADDRESSES } from './addresses.js';
import { Authority } from './certificate-authority.js';
import { changeFaults } from './cloud-faults.js';
import { DaemonOptions } from './daemon-protocol.js';
import type { MachineFault } from './machine-faults.js';
import { type Paths, resourcesOf } from './paths.js';
import { Podman } from './podman.js';

/** A mail as the recipient reads it. */
const Mail = z.object({ to: z.string(), subject: z.string(), body: z.string(), time: z.string() });
export type Mail = z.infer<typeof Mail>;

export const Running = DaemonOptions.extend({ pid: z.number() });

/** Client of a running cloud on this machine: its names, mail and faults. */
export class RehearsalCloud {
  constructor(
    private readonly where: Paths,
    readonly options: z.infer<typeof Running>,
  ) {}

  get endpoint(): string {
    return `http://127.0.0.1:${this.options.ports.aws}`;
  }

  /** How participants on this machine reach a domain of the rehearsal; undefined with simulated machines. */
  async reach(domain: string): Promise<EndpointOverride | undefined> {
    if (!this.options.machines) return undefined;
    const authority = await Authority.open(this.where.cache);
    const resources = resourcesOf(this.where);
    return {
      address: '127.0.0.1',
      port: this.options.ports.web,
      authority: authority.pem,
      browser: {
        command: ['nsenter', `--net=/run/netns/${resources.namespace}`],
        resolverRules: `MAP ${domain} ${ADDRESSES.balancer}, MAP ${turnName(domain)} ${ADDRESSES.networkBalancer}`,
      },
    };
  }

  /** Address of the rehearsal's DNS server, by UDP; undefined if there is none. */
  get nameServer(): string | undefined {
    return this.options.machines ? `127.0.0.1:${this.options.ports.aws}` : undefined;
  }

  /** The user's DNS provider: a file of lines `NAME TYPE VALUE`. */
  get recordsFile(): string {
    return join(this.where.run, 'records');
  }

  /** Adds records there, as a user with manual DNS would. */
  addRecords(records: readonly { name: string; type: string; value: string }[]): void {
    for (const { name, type, value } of records)
      appendFileSync(this.recordsFile, `${name} ${type} ${value}\n`);
  }

  /** All mail so far, oldest first. */
  mails(): Mail[] {
    const folder = join(this.where.run, 'mail');
    if (!existsSync(folder)) return [];
    return readdirSync(folder)
      .filter((name) => name.endsWith('.json') && !name.startsWith('.'))
      .sort()
      .map((name) => Mail.parse(JSON.parse(readFileSync(join(folder, name), 'utf8'))));
  }

  /** Cuts a machine's power: its host fails, without closing any connection. */
  cutPower = (id: string) => this.inject({ kind: 'cut-power', id });

  /** Freezes a machine, with its connections open, until it is resumed. */
  pause = (id: string) => this.inject({ kind: 'pause', id });
  resume = (id: string) => this.inject({ kind: 'resume', id });

  /** Drops all packets to and from a machine, until it is healed. */
  partition = (id: string) => this.inject({ kind: 'partition', id });
  heal = (id: string) => this.inject({ kind: 'heal', id });

  /** Kills the main process of a systemd unit; the unit's own settings decide whether it restarts. */
  killProcess = (id: string, unit: string) => this.inject({ kind: 'kill-process', id, unit });

  /** Stops a systemd unit cleanly, until it is started again. */
  stopUnit = (id: string, unit: string) => this.inject({ kind: 'stop-unit', id, unit });
  startUnit = (id: string, unit: string) => this.inject({ kind: 'start-unit', id, unit });

  /** Has EC2 interrupt a spot instance after this many seconds of notice. EC2 itself gives two minutes. */
  spotNotice(id: string, seconds = 120): void {
    changeFaults(this.where.run, (now) => ({
      ...now,
      interruptions: { ...now.interruptions, [id]: seconds },
    }));
  }

  /** The command that opens a shell on a machine. Throws if machines are simulated. */
  shell = (id: string): ShellCommand => {
    if (this.options.machines) return Podman.ofMachines(resourcesOf(this.where)).shell(id);
    throw new ConvokeError('MachinesSimulated', {
      what: `Machine ${id} is simulated, so it has no shell.`,
      now: 'Rehearse without --control-plane-only.',
      fault: 'user',
    });
  };

  /**
   * From now on EC2 has no capacity for these: availability zones, instance types, `spot` or `on-demand`. An empty
   * list restores all capacity.
   */
  lackCapacity(of: readonly string[]): void {
    changeFaults(this.where.run, (now) => ({ ...now, insufficient_capacity: [...of] }));
  }

  /** From now on a machine starts this many seconds after its launch. Does nothing if the cloud has stopped. */
  delayLaunches = (seconds: number): void => {
    if (!existsSync(this.where.run)) return;
    changeFaults(this.where.run, (now) => ({ ...now, launch_seconds: seconds }));
  };

  /**
   * Injects a fault into a machine and waits until it has taken effect. Throws `FaultRefused` if that is not
   * possible.
   */
  private async inject(fault: MachineFault): Promise<void> {
    const call = request({
      socketPath: resourcesOf(this.where).sockets.state,
      path: '/fault',
      method: 'POST',
    });
    call.end(JSON.stringify(fault));
    const [response] = (await once(call, 'response')) as [IncomingMessage];
    const reply = await text(response);
    if (response.statusCode === 200) return;
    throw new ConvokeError('FaultRefused', {
      what: `Machine ${fault.id} cannot have the fault "${fault.kind}".`,
      why: reply,
      now: 'See which machines run with "convoke --cloud rehearsal status".',
      fault: 'user',
    });
  }
}
