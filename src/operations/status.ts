import type { Account } from '../cloud/account.js';
import { type Activity, activities } from '../cloud/activities.js';
import { type Group, groupsNamed } from '../cloud/groups.js';
import { imageDates } from '../cloud/images.js';
import { type Machine, machines } from '../cloud/machines.js';
import { raisedAlarms } from '../cloud/raised-alarms.js';
import { findStack, outputs } from '../cloud/stacks.js';
import type { Deployment } from '../config/deployment.js';
import { ALARMS, type Alarm } from '../contract/alerts.js';
import { alarmName, shardNames, stackName } from '../contract/names.js';
import type { Release } from '../contract/release.js';
import { parseRoll, type Roll } from '../contract/roll.js';
import { OUTPUTS } from '../contract/template.js';
import { closedUntil } from './closed.js';
import { type LatestMetrics, latestMetrics, type ShardMetrics } from './latest-metrics.js';
import { mailFailures } from './mail-check.js';
import { type ProvisioningFailure, provisioningFailures } from './provisioning-failure.js';
import { releaseDifferences } from './release/differences.js';
import { parseReleases } from './release/releases.js';
import { subscribers } from './subscriptions.js';

export interface Status {
  /**
   * Overall state. `serving`: everything is healthy. `degraded`: meetings work, but something is missing.
   * `recovering`: meetings do not work, and a machine is starting. `closed`: no machine runs, because it is outside the hours of
   * the file.
   */
  readonly state: 'absent' | 'closed' | 'changing' | 'serving' | 'degraded' | 'recovering' | 'down';
  readonly url: string;
  /** When it opens, in words; set while it is closed. */
  readonly opens?: string;
  /** CloudFormation's stack status; empty if there is no stack. */
  readonly stack: string;
  readonly machines: readonly Machine[];
  /** What is not healthy, in words; empty if everything is. */
  readonly missing: readonly string[];
  /** Machines that could not be provisioned. */
  readonly failures: readonly ProvisioningFailure[];
  readonly metrics: LatestMetrics;
  /**
   * State of alert mail. `unconfirmed`: the subscription is not confirmed yet. `failing`: alerts of the last day were
   * not sent or not delivered, see `mailFailures`.
   */
  readonly mail: 'confirmed' | 'unconfirmed' | 'failing' | 'none';
  /** Why alerts of the last day were not sent or not delivered, a sentence each; empty if all were delivered. */
  readonly mailFailures: readonly string[];
  /** Alarms that are raised, the oldest first; those about alerts themselves are in `mailFailures`. */
  readonly alarms: readonly { readonly alarm: Alarm; readonly since: Date }[];
  readonly activities: readonly Activity[];
  /** The release of Jitsi that machines install when they start; undefined if none is stored in the stack. */
  readonly release?: Release;
  /** Machines with another release or another node bundle than the deployment's, a sentence each. */
  readonly differences: readonly string[];
  /** Set while machines are being replaced, or after that was undone. */
  readonly roll?: RollStatus;
  /** The images of the machines, the oldest first. */
  readonly images: readonly { readonly id: string; readonly created: Date }[];
}

/** Where the replacement of machines is. */
export interface RollStatus extends Pick<Roll, 'state' | 'why'> {
  /** Groups that launch the new version, and those that do not yet, by name. */
  readonly done: readonly string[];
  readonly open: readonly string[];
}

/** Reads the state of a deployment. A deployment that does not exist is a state, not an error. */
export async function status(
  account: Account,
  deployment: Pick<Deployment, 'name' | 'domain' | 'shards' | 'bridges' | 'hours'>,
): Promise<Status> {
  const url = `https://${deployment.domain}/`;
  const stack = await findStack(account, stackName(deployment.name));
  if (!stack)
    return {
      state: 'absent',
      url,
      stack: '',
      machines: [],
      missing: [],
      failures: [],
      metrics: { shards: [] },
      mail: 'none',
      mailFailures: [],
      alarms: [],
      activities: [],
      differences: [],
      images: [],
    };
  const out = outputs(stack);
  const [all, metrics, mail, failed, raised, done] = await Promise.all([
    machines(account, deployment.name, out[OUTPUTS.targetGroup] ?? ''),
    latestMetrics(account, deployment),
    mailState(account, out[OUTPUTS.topic]),
    mailFailures(account, deployment),
    raisedAlarms(account, alarmName(deployment.name, '')),
    activities(account, (out[OUTPUTS.groups] ?? '').split(',').filter(Boolean)),
  ]);
  // Machines that were started by hand serve outside the hours, too.
  const opens = all.length === 0 ? closedUntil(deployment, account.clock.now()) : undefined;
  const lacking = opens ? [] : missing(all, deployment, metrics.shards);
  // Without a topic every delivery fails, and the topic is what is missing.
  const unsent = mail === 'none' ? [] : failed;
  const release = parseReleases(out[OUTPUTS.release])?.release;
  const roll = parseRoll(out[OUTPUTS.roll]);
  const groups = roll ? await groupsNamed(account, Object.keys(roll.from)) : [];
  const dates = await imageDates(account, [...new Set(all.map(({ image }) => image).filter(Boolean))]);
  return {
    state: opens ? 'closed' : overall(stack.StackStatus ?? '', all, lacking, metrics.shards),
    ...(opens && { opens }),
    url,
    stack: stack.StackStatus ?? '',
    machines: all,
    missing: lacking,
    failures: lacking.length > 0 ? await provisioningFailures(account, all) : [],
    metrics,
    mail: unsent.length > 0 ? 'failing' : mail,
    mailFailures: unsent,
    alarms: ALARMS.filter((alarm) => !(opens && alarm === 'no-shard'))
      .flatMap((alarm) => {
        const since = raised.get(alarmName(deployment.name, alarm));
        return since ? [{ alarm, since }] : [];
      })
      .sort((a, b) => a.since.getTime() - b.since.getTime()),
    activities: done,
    ...(release && { release }),
    ...(roll && { roll: rollStatus(roll, groups) }),
    // While machines are replaced, it is known that they differ.
    differences: roll ? [] : releaseDifferences(all, release?.name ?? '', out[OUTPUTS.bundle] ?? ''),
    images: [...dates]
      .map(([id, created]) => ({ id, created }))
      .sort((a, b) => a.created.getTime() - b.created.getTime()),
  };
}

export function rollStatus(
  { state, why, from }: Roll,
  groups: readonly Pick<Group, 'name' | 'version'>[],
): RollStatus {
  const names = (launchesNew: boolean) =>
    groups.filter(({ name, version }) => (version !== from[name]) === launchesNew).map(({ name }) => name);
  return { state, ...(why && { why }), done: names(true), open: names(false) };
}

type MachineHealth = Pick<Machine, 'role' | 'shard' | 'state' | 'lifecycle' | 'target'>;

type Reported = Pick<ShardMetrics, 'shard' | 'healthy'>;

/**
 * Shards that report that Prosody or Jicofo does not answer. The load balancer does not notice, because its health
 * check tests only whether the machine can forward requests.
 */
const illShards = (reported: readonly Reported[]): string[] =>
  reported.filter(({ healthy }) => healthy === false).map(({ shard }) => shard);

/** The overall state, from the stack's status, the machines, and the agents' latest metrics. */
export function overall(
  stack: string,
  all: readonly MachineHealth[],
  lacking: readonly string[],
  reported: readonly Reported[] = [],
): Status['state'] {
  const ill = illShards(reported);
  const healthy = all.filter(({ target }) => target === 'healthy');
  if (healthy.some(({ shard }) => !ill.includes(shard))) return lacking.length === 0 ? 'serving' : 'degraded';
  if (healthy.length > 0) return 'down';
  if (/IN_PROGRESS/.test(stack)) return 'changing';
  const coming = all.some(
    ({ role, state, target }) =>
      role === 'shard' && ['pending', 'running'].includes(state) && target !== 'unhealthy',
  );
  return coming ? 'recovering' : 'down';
}

/** What is required and not healthy: shards by name, and bridges by number. */
export function missing(
  all: readonly MachineHealth[],
  { shards, bridges }: Pick<Deployment, 'shards' | 'bridges'>,
  reported: readonly Reported[] = [],
): string[] {
  const ill = illShards(reported);
  const found = shardNames(shards).flatMap((name) => {
    if (!all.some(({ shard, target }) => shard === name && target === 'healthy')) return `shard ${name}`;
    return ill.includes(name) ? `Prosody or Jicofo of shard ${name}` : [];
  });
  if (!bridges) return found;
  const there = all.filter(({ role, lifecycle }) => role === 'bridge' && lifecycle === 'InService').length;
  if (there < bridges.min) found.push(`${bridges.min - there} of ${bridges.min} bridges`);
  return found;
}

async function mailState(account: Account, topic: string | undefined): Promise<Status['mail']> {
  const { confirmed, unconfirmed } = await subscribers(account, topic);
  if (unconfirmed.length > 0) return 'unconfirmed';
  return confirmed.length > 0 ? 'confirmed' : 'none';
}
