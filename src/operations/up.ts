import type { Account } from '../cloud/account.js';
import { hostedZoneId } from '../cloud/hosted-zones.js';
import { either, withLock } from '../cloud/lock.js';
import { absentGroups, type Machine, machines } from '../cloud/machines.js';
import { poll } from '../cloud/poll.js';
import { ensureServiceLinkedRoles } from '../cloud/service-linked-roles.js';
import { type Deployment, isProvenManually } from '../config/deployment.js';
import { ConvokeError } from '../contract/errors.js';
import { bridgesGroupName, shardGroupName, shardNames } from '../contract/names.js';
import type { LinkedService } from '../contract/published-names.js';
import type { Release, ReleaseState } from '../contract/release.js';
import {
  CERTIFICATE_PARAMETER,
  OUTPUTS,
  WEBHOOKS_PARAMETER,
  ZONE_PARAMETER,
} from '../stack/deployment-stack.js';
import { MINUTES_TO_SERVE } from '../stack/launch.js';
import { chosenZones } from './availability-zones.js';
import { assertPreflight } from './check/preflight.js';
import { dropOthers, provenCertificate } from './dns/certificate.js';
import { leadingRecords, manualRecords } from './dns/manual-records.js';
import type { ManualRecord } from './dns/record.js';
import { rememberReplacedProofs } from './dns/replaced-certificate.js';
import { watchRecords } from './dns/wait-for-records.js';
import { joinWithBrowsers, verifyJoin } from './join-meeting.js';
import { lastLines } from './last-lines.js';
import { latestMetrics } from './latest-metrics.js';
import { askForMail, isMailSent, mailPath, wasMailChecked } from './mail-check.js';
import type { BrowsersResult } from './probe/browsers.js';
import { findChromium } from './probe/chromium.js';
import type { ProbeResult } from './probe/meeting.js';
import { roomOn } from './probe/room-name.js';
import { type OnProgress, step } from './progress.js';
import { provisioningFailures } from './provisioning-failure.js';
import { releasesFor } from './release/releases.js';
import type { RollingOptions } from './roll/deploy-and-roll.js';
import { missing } from './status.js';
import { subscribers } from './subscriptions.js';

export interface UpOptions {
  readonly account: Account;
  readonly deployment: Deployment;
  readonly onProgress: OnProgress;
  readonly signal?: AbortSignal;
  /** Whether to verify the deployment by joining a meeting. Default: true. */
  readonly join?: boolean;
  /** Whether to run the preflight checks first. Default: true. */
  readonly check?: boolean;
  /** Whether CloudFormation returns before resources are ready. Default: false. */
  readonly express?: boolean;
  /** What happens to machines that the file, or convoke, now describes differently. Default: `roll`. */
  readonly machines?: RollingOptions['machines'];
  /** Called before machines are replaced. */
  readonly announce?: RollingOptions['announce'];
}

export interface UpResult {
  readonly url: string;
  /** Whether CloudFormation changed anything. */
  readonly changed: boolean;
  /** Groups whose machines were replaced. */
  readonly replaced: readonly string[];
  /** The release of Jitsi; undefined if machines install what their package source has when they start. */
  readonly release: Release | undefined;
  /**
   * Whether alerts are sent: EventBridge counted the mail of the check, or did not count it within three minutes, or no mail was
   * needed since an earlier one was counted and nothing on its way has changed.
   */
  readonly mail: 'sent' | 'unconfirmed' | 'checked before';
  /** Mail addresses that have not confirmed their subscription, so that they get no alerts yet. */
  readonly unconfirmed: readonly string[];
  /** DNS records that the user has to keep; empty if convoke manages them. */
  readonly records: readonly ManualRecord[];
  /** The result of joining a meeting on each shard; empty if `join` is false. */
  readonly probes: readonly ProbeResult[];
  /** The result of the meeting of browsers; undefined if fakes carry no media, or no Chromium is installed. */
  readonly browsers: BrowsersResult | undefined;
  /** Seconds from the start of this `up` to the first video frame of another participant. */
  readonly firstFrame: number | undefined;
}

const SERVING_PATIENCE_MS = MINUTES_TO_SERVE * 60_000;

/**
 * Deploys the file's settings, replaces machines that change, waits until every machine is healthy, and joins a meeting
 * on each shard: page, WebSocket, room, Jicofo and bridge. Repeating it changes nothing; after an interruption it continues. Throws `Busy`
 * if another command is running on the deployment, and `LockLost` if it can no longer exclude that.
 */
export function up(options: UpOptions): Promise<UpResult> {
  const { account, deployment } = options;
  return withLock({ account, deployment: deployment.name, verb: 'up' }, (lost) =>
    deployAndVerify({ ...options, signal: either(options.signal, lost) }, () =>
      releasesFor(account, deployment),
    ),
  );
}

/** `choose`: finds the releases to deploy. The caller holds the lock. */
export async function deployAndVerify(
  options: UpOptions,
  choose: () => Promise<ReleaseState | undefined>,
): Promise<UpResult> {
  const { account, deployment, onProgress, signal } = options;
  const began = account.clock.now().getTime();
  if (options.check !== false) {
    await step(onProgress, account.clock, 'check', 'Check the account, the domain and the settings', () =>
      assertPreflight(account, deployment),
    );
  }
  const releases = await step(onProgress, account.clock, 'release', 'Find the release of Jitsi', choose);
  const parameters = {
    ...(await chosenZones(account, deployment)),
    ...(await stackParameters(options)),
  };
  await step(onProgress, account.clock, 'service roles', 'Ensure that the service-linked roles exist', () =>
    ensureServiceLinkedRoles(account, servicesOf(deployment)),
  );
  const mailBefore = await mailPath(account, deployment);
  if (deployment.dns.kind === 'route53') await rememberReplacedProofs(account, deployment);
  // Loading CDK's toolkit takes longer than all checks.
  const { deployAndRoll } = await import('./roll/deploy-and-roll.js');
  const deployed = await deployAndRoll({
    account,
    deployment,
    parameters,
    releases,
    ...(options.express && { express: true }),
    onProgress,
    ...(options.signal && { signal: options.signal }),
    machines: options.machines ?? 'roll',
    ...(options.announce && { announce: options.announce }),
    ...(options.join !== false && { verify: (group: string) => verifyGroup(options, group) }),
  });
  const asked = account.clock.now();
  // Once, and again when something on its way has changed.
  const isMailOwed =
    (deployed.changed && (await mailPath(account, deployment)) !== mailBefore) ||
    !(await wasMailChecked(account, deployment));
  const check = isMailOwed ? await askForMail(account, deployment) : undefined;
  if (deployment.dns.kind === 'manual') await waitForManualDns(options, deployed.outputs, parameters);
  const serve = async () => {
    await assertGroups(account, deployed.outputs[OUTPUTS.groups] ?? '');
    await waitUntilServing(options, deployed.outputs[OUTPUTS.targetGroup] ?? '');
  };
  await step(
    onProgress,
    account.clock,
    'serving',
    'Wait until the machines are healthy',
    serve,
    SERVING_PATIENCE_MS / 1000,
  );
  const join = options.join !== false;
  if (join && deployment.bridges) {
    await step(onProgress, account.clock, 'bridges', 'Wait until every shard can use the bridges', () =>
      waitForBridges(options),
    );
  }
  const probes = join
    ? await step(onProgress, account.clock, 'probe', 'Join a meeting', () => joinMeetings(options))
    : [];
  const real = join && !probes.some(({ usesFakes }) => usesFakes);
  const chromium = real ? findChromium() : undefined;
  const browsers = chromium
    ? await step(onProgress, account.clock, 'browsers', 'Join a meeting with three browsers', () =>
        verifyMedia(options, chromium),
      )
    : undefined;
  const isSent =
    check !== undefined &&
    (await step(onProgress, account.clock, 'mail', 'Check that alerts can be sent', () =>
      isMailSent(account, deployment, check, asked, signal),
    ));
  return {
    url: `https://${deployment.domain}/`,
    changed: deployed.changed,
    replaced: deployed.replaced,
    release: releases?.release,
    mail: isMailOwed ? (isSent ? 'sent' : 'unconfirmed') : 'checked before',
    unconfirmed: (await subscribers(account, deployed.outputs[OUTPUTS.topic])).unconfirmed,
    records: await manualRecords(account, deployment),
    probes,
    browsers,
    firstFrame: browsers?.firstFrameAt && (browsers.firstFrameAt.getTime() - began) / 1000,
  };
}

/** Services that need a service-linked role for the deployment. */
const servicesOf = ({ bridges }: Deployment): LinkedService[] => [
  'autoscaling.amazonaws.com',
  'elasticloadbalancing.amazonaws.com',
  ...(bridges && bridges.spot > 0 ? ['spot.amazonaws.com' as const] : []),
];

/**
 * Template parameters: the zone's id, or the ARN of a certificate that the user's DNS records validate; and the addresses
 * of webhooks.
 */
async function stackParameters(options: UpOptions): Promise<Record<string, string>> {
  const { webhooks } = options.deployment.alerts;
  return {
    ...(await nameParameters(options)),
    ...(webhooks.length > 0 && { [WEBHOOKS_PARAMETER]: webhooks.join('\n') }),
  };
}

async function nameParameters(options: UpOptions): Promise<Record<string, string>> {
  const { account, deployment, onProgress } = options;
  const { dns, domain } = deployment;
  if (dns.kind === 'route53') {
    const id = await step(onProgress, account.clock, 'zone', `Find the hosted zone ${dns.zone}`, () =>
      hostedZoneId(account, dns.zone),
    );
    return { [ZONE_PARAMETER]: id };
  }
  if (!isProvenManually(deployment)) return {};
  const arn = await step(
    onProgress,
    account.clock,
    'certificate',
    `Request a certificate for ${domain}`,
    () => provenCertificate(options),
  );
  return { [CERTIFICATE_PARAMETER]: arn };
}

/** Shows the records that the user has to add, and waits until they resolve. The machines start in the meantime. */
async function waitForManualDns(
  { account, deployment, onProgress, signal }: UpOptions,
  outputs: Readonly<Record<string, string>>,
  parameters: Readonly<Record<string, string>>,
): Promise<void> {
  const { domain } = deployment;
  const certificate = parameters[CERTIFICATE_PARAMETER];
  if (certificate) await dropOthers(account, deployment, certificate);
  await step(onProgress, account.clock, 'names', `Wait until ${domain} resolves to the load balancer`, () =>
    watchRecords({
      account,
      records: leadingRecords(deployment, outputs),
      title: `Add this record at the DNS provider of ${domain} (an ALIAS or ANAME record at the apex of a zone, where no CNAME is possible)`,
      onProgress,
      ...(signal && { signal }),
    }),
  );
}

/** CloudFormation compares templates, and does not notice resources that were deleted by hand. */
async function assertGroups(account: Account, names: string): Promise<void> {
  const gone = await absentGroups(account, names.split(',').filter(Boolean));
  if (gone.length === 0) return;
  throw new ConvokeError('GroupGone', {
    what: `The Auto Scaling group ${gone.join(', ')} no longer exists.`,
    why: 'It was deleted outside of CloudFormation, which does not notice that and does not create it again.',
    now: 'Run "convoke down", then "convoke up".',
    fault: 'user',
  });
}

async function waitUntilServing(
  { account, deployment, signal }: UpOptions,
  targetGroup: string,
): Promise<void> {
  let consolesReadAt = account.clock.now().getTime();
  const { last, inTime } = await poll(
    account,
    { every: 5_000, timeout: SERVING_PATIENCE_MS, signal },
    async () => {
      const all = await machines(account, deployment.name, targetGroup);
      const now = account.clock.now().getTime();
      if (now > consolesReadAt + CONSOLES_EVERY_MS && missing(all, deployment).length > 0) {
        consolesReadAt = now;
        await assertNoneFailed(account, all);
      }
      return all;
    },
    (all) => missing(all, deployment).length === 0,
  );
  if (inTime) return;
  const { lines, now } = await lastLines(
    account,
    deployment,
    last
      .filter(({ state, target }) => state === 'running' && target !== 'healthy')
      .map(({ id, launched }) => ({ node: id, from: launched })),
  );
  throw new ConvokeError('NotServing', {
    what: `Timed out after ${MINUTES_TO_SERVE} minutes waiting for ${missing(last, deployment).join(', ')} to become healthy.`,
    why: [
      last
        .map(({ id, role, shard, state, lifecycle, target }) =>
          [`${id} (${role}${shard && ` ${shard}`}) is ${state}`, lifecycle, target]
            .filter(Boolean)
            .join(', '),
        )
        .join('; '),
      ...lines,
    ].join('\n'),
    now,
  });
}

/** Milliseconds between two looks at the consoles of machines that do not serve yet. */
const CONSOLES_EVERY_MS = 20_000;

/** Provisioning that stopped does not go on, so waiting longer would not help. */
async function assertNoneFailed(account: Account, all: readonly Machine[]): Promise<void> {
  const [failure] = await provisioningFailures(account, all);
  if (!failure) return;
  throw new ConvokeError('ProvisioningFailed', {
    what: `The ${failure.machine} could not be provisioned.`,
    why: failure.why,
    now: `Then run the same command again. Until it succeeds, Auto Scaling replaces the machine again and again, and each new one tries again.`,
  });
}

/**
 * Auto Scaling reports a bridge as in service before its daemon runs; each shard publishes once a minute how many
 * bridges it can use.
 */
async function waitForBridges({ account, deployment, signal }: UpOptions): Promise<void> {
  const wanted = deployment.bridges?.min ?? 0;
  const began = account.clock.now();
  const { last, inTime } = await poll(
    account,
    { every: 5_000, timeout: SERVING_PATIENCE_MS, signal },
    () => latestMetrics(account, deployment),
    ({ shards }) => shards.every(({ bridges = 0 }) => bridges >= wanted),
  );
  if (inTime) return;
  const { lines, now } = await lastLines(account, deployment, [{ node: 'bridge', from: began }]);
  throw new ConvokeError('BridgesMissing', {
    what: `Timed out after ${MINUTES_TO_SERVE} minutes waiting for every shard to have ${wanted} bridge${wanted === 1 ? '' : 's'}.`,
    why: [
      last.shards
        .map(({ shard, bridges }) => `shard ${shard} has ${bridges ?? 'not reported any'}`)
        .join('; '),
      ...lines,
    ].join('\n'),
    now,
  });
}

/** A machine may serve its page shortly before Prosody and Jicofo are ready, and DNS changes take time to spread. */
const JOIN_PATIENCE_MS = 5 * 60_000;

/** While machines are replaced, DNS does not change, and the machines serve. */
const JOIN_DURING_ROLL_MS = 90_000;

/** Tests a group whose machines were just replaced, before the next group is begun. */
async function verifyGroup(options: UpOptions, group: string): Promise<void> {
  const { account, deployment, onProgress } = options;
  if (group === bridgesGroupName(deployment.name)) {
    await step(onProgress, account.clock, 'bridges', 'Wait until every shard can use the bridges', () =>
      waitForBridges(options),
    );
    return;
  }
  const shard = shardNames(deployment.shards).find((name) => shardGroupName(deployment.name, name) === group);
  if (!shard) return;
  await step(onProgress, account.clock, `probe ${shard}`, `Join a meeting on shard ${shard}`, () =>
    joinMeeting(options, shard, JOIN_DURING_ROLL_MS),
  );
}

/** One meeting on each shard. */
async function joinMeetings(options: UpOptions): Promise<ProbeResult[]> {
  const probes: ProbeResult[] = [];
  for (const shard of shardNames(options.deployment.shards))
    probes.push(await joinMeeting(options, shard, JOIN_PATIENCE_MS));
  return probes;
}

async function joinMeeting(
  { account, deployment, signal }: UpOptions,
  shard: string,
  timeout: number,
): Promise<ProbeResult> {
  const {
    last: { result },
    inTime,
  } = await poll(
    account,
    { every: 5_000, timeout, signal },
    async () => {
      const room = await roomOn(shard, deployment.domain, account.endpointOverride);
      return {
        room,
        result: await verifyJoin(account, deployment, { ...(room && { room }), ...(signal && { signal }) }),
      };
    },
    ({ room, result }) => result.ok && room !== undefined,
  );
  if (inTime) return result;
  const failed = result.steps.find(({ ok }) => !ok);
  throw new ConvokeError('CannotJoin', {
    what: `A participant could not join a meeting on shard ${shard} at https://${deployment.domain}/${failed ? `: ${failed.name} failed` : ''}.`,
    why: failed?.detail ?? `No room is routed to shard ${shard}, because the edges consider it unhealthy.`,
    now: 'Run "convoke status" to see the machines. If they are healthy, check that the domain resolves to the load balancer.',
  });
}

async function verifyMedia(
  { account, deployment, signal }: UpOptions,
  chromium: string,
): Promise<BrowsersResult> {
  const meet = () => joinWithBrowsers(account, deployment, chromium, { ...(signal && { signal }) });
  const first = await meet();
  // Machines are slow right after their start, so a single failure is not conclusive.
  const result = first.ok ? first : await meet();
  if (result.ok) return result;
  throw new ConvokeError('NoMedia', {
    what: `Signalling works at https://${deployment.domain}/, but a meeting of three browsers failed twice.`,
    why: result.detail,
    now: 'Check that UDP port 10000 of the machine is reachable from here, then run the same command again.',
  });
}
