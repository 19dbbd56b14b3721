import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import {
  CreateHostedZoneCommand,
  ListHostedZonesByNameCommand,
  Route53Client,
} from '@aws-sdk/client-route-53';
import type { Account } from '../cloud/account.js';
import { client } from '../cloud/clients.js';
import { systemClock } from '../cloud/clock.js';
import type { Deployment } from '../config/deployment.js';
import { ConvokeError } from '../contract/errors.js';
import { bootstrapDeployment } from '../contract/names.js';
import { type OnProgress, step } from '../operations/progress.js';
import { clearScratch } from '../operations/temporary-folder.js';
import { openCloud, startCloud, stopCloud } from './cloud.js';
import type { RehearsalCloud } from './cloud-client.js';
import { type Prepared, STAGES, type Stage } from './daemon-protocol.js';
import { emulatedAccount } from './emulated-account.js';
import { assertFree } from './emulator.js';
import { installPackages } from './install-packages.js';
import { preparedFor, rehearsedDeployment } from './packages.js';
import { paths } from './paths.js';
import { installCommand, missingPackages, whyNoMachines } from './prerequisites.js';

/** Ports on 127.0.0.1: AWS's APIs, and the web port of the load balancer. */
export const DEFAULT_PORTS = { aws: 4566, web: 8443 } as const;

export interface StartOptions {
  readonly home?: string;
  readonly ports?: { readonly aws: number; readonly web: number };
  /** Simulate machines instead of running them. */
  readonly controlPlaneOnly?: boolean;
  /** Install missing programs with apt. */
  readonly install?: boolean;
  /** What the machines' image is prepared with. Default: they start from plain Debian. */
  readonly prepare?: Prepared;
  readonly onProgress: OnProgress;
  readonly signal?: AbortSignal;
}

/**
 * The deployment as it is rehearsed, and its account in the rehearsal's cloud. Starts a cloud if none runs and
 * `start` is set.
 */
export async function inRehearsal(
  deployment: Deployment,
  options: { start: boolean; home?: string; onProgress: OnProgress; signal?: AbortSignal },
): Promise<{ deployment: Deployment; account: Account }> {
  const running = openCloud(options.home);
  if (!running && !options.start) {
    throw new ConvokeError('NoRehearsal', {
      what: 'No rehearsal is running on this machine.',
      now: '"convoke --cloud rehearsal up" starts one.',
      fault: 'user',
    });
  }
  const rehearsed = await rehearsedDeployment(deployment, paths(options.home));
  const cloud =
    running ??
    (await startRehearsal(deployment.region, { ...options, prepare: preparedFor(rehearsed.deployment) }));
  return { deployment: rehearsed.deployment, account: await accountIn(cloud, deployment) };
}

/** Checks, before anything is changed, whether a cloud with these options can be started here. Throws if not. */
export async function assertPossible(options: Omit<StartOptions, 'onProgress'>): Promise<void> {
  const why = options.controlPlaneOnly ? undefined : whyNoMachines();
  if (why) {
    throw new ConvokeError('NoMachinesHere', {
      what: 'Machines cannot be run here.',
      why,
      now: 'Use a Linux machine as root, or rehearse the control plane alone with --control-plane-only.',
      fault: 'user',
    });
  }
  const missing = missingPackages(!options.controlPlaneOnly);
  if (missing.length && !options.install) {
    throw new ConvokeError('PrerequisitesMissing', {
      what: `These Debian packages are missing: ${missing.join(', ')}.`,
      now: `Install them with "${installCommand(missing)}", or let "convoke rehearse --install" do it.`,
      fault: 'user',
    });
  }
  for (const port of Object.values(options.ports ?? DEFAULT_PORTS)) await assertFree(port);
}

/** Installs missing packages if wanted, and starts the cloud. */
export async function startRehearsal(region: string, options: StartOptions): Promise<RehearsalCloud> {
  const { onProgress } = options;
  const machines = !options.controlPlaneOnly;
  await assertPossible(options);
  const missing = missingPackages(machines);
  if (missing.length) {
    await step(onProgress, systemClock, 'install', `Install ${missing.join(', ')}`, () =>
      installPackages(missing),
    );
  }
  return inStages(onProgress, (onStage) =>
    startCloud(
      {
        region,
        machines,
        ports: options.ports ?? DEFAULT_PORTS,
        ...(options.home && { home: options.home }),
        ...(options.prepare && { prepare: options.prepare }),
      },
      { onStage, ...(options.signal && { signal: options.signal }) },
    ),
  );
}

/** Reports the stages of a cloud's start as steps: each ends when the next one begins. */
async function inStages<T>(
  onProgress: OnProgress,
  work: (onStage: (stage: Stage) => void) => Promise<T>,
): Promise<T> {
  let end: ((state: 'done' | 'failed') => void) | undefined;
  const onStage = (stage: Stage) => {
    end?.('done');
    const title = STAGES[stage];
    const from = Date.now();
    onProgress({ kind: 'step', id: stage, title, state: 'started' });
    end = (state) =>
      onProgress({ kind: 'step', id: stage, title, state, seconds: (Date.now() - from) / 1000 });
  };
  try {
    const result = await work(onStage);
    end?.('done');
    return result;
  } catch (error) {
    end?.('failed');
    throw error;
  }
}

/** The account of a user who owns the domain: its hosted zone exists, as it would on AWS. */
export async function accountIn(
  cloud: RehearsalCloud,
  { region, domain, dns }: Pick<Deployment, 'region' | 'domain' | 'dns'>,
): Promise<Account> {
  const account = emulatedAccount({
    region,
    endpoint: cloud.endpoint,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    endpointOverride: await cloud.reach(domain),
    nameServer: cloud.nameServer,
    faults: cloud,
    shell: cloud.shell,
  });
  if (dns.kind === 'route53') {
    const route53 = client(account, Route53Client);
    const zones = await route53.send(new ListHostedZonesByNameCommand({ DNSName: dns.zone }));
    if (!zones.HostedZones?.some(({ Name }) => Name === `${dns.zone}.`)) {
      await route53.send(new CreateHostedZoneCommand({ Name: dns.zone, CallerReference: 'rehearsal' }));
    }
  }
  return account;
}

/** Whether a cloud runs and has started completely. */
export const isRunning = (home?: string): boolean => openCloud(home) !== undefined;

/** Whether participants can join meetings in the running cloud; not with simulated machines. */
export const canBeJoined = (home?: string): boolean => openCloud(home)?.options.machines === true;

/** The file that stands in for the user's DNS provider in the running rehearsal; undefined if none runs. */
export const providerFile = (home?: string): string | undefined => openCloud(home)?.recordsFile;

/** The command that opens the page of a domain of the rehearsal on this machine. */
export function pageCommand(domain: string, home?: string): string {
  const cloud = openCloud(home);
  if (!cloud?.options.machines) return `aws --endpoint-url ${cloud?.endpoint} cloudformation describe-stacks`;
  const authority = join(paths(home).cache, 'authority', 'ca.crt');
  return `curl --cacert ${authority} --connect-to ${domain}:443:127.0.0.1:${cloud.options.ports.web} https://${domain}/`;
}

/** Names of the deployments that exist in the region of an account. */
export async function deploymentsIn(account: Account): Promise<string[]> {
  const { Stacks = [] } = await client(account, CloudFormationClient).send(new DescribeStacksCommand({}));
  return Stacks.flatMap(({ StackName }) => bootstrapDeployment(StackName ?? '') ?? []);
}

/**
 * Stops the cloud, including one that starts or whose start was interrupted. Returns whether there was anything of it.
 * Throws `ResourcesLeft` if a part of it remains on this machine.
 */
export async function endRehearsal(home?: string): Promise<boolean> {
  clearScratch();
  const existed = existsSync(paths(home).run);
  const left = await stopCloud(home);
  if (left.length === 0) return existed;
  throw new ConvokeError('ResourcesLeft', {
    what: `The rehearsal's cloud has ended, but this is left on this machine: ${left.join('; ')}.`,
    now: 'Run "convoke --cloud rehearsal down" again; if it stays, remove it by hand.',
  });
}
