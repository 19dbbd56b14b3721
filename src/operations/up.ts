import type { Account } from '../cloud/account.js';
import { hostedZoneId } from '../cloud/hosted-zones.js';
import { either, withLock } from '../cloud/lock.js';
import { absentGroups, machines } from '../cloud/machines.js';
import { ensureServiceLinkedRoles, type LinkedService } from '../cloud/service-linked-roles.js';
import type { Deployment } from '../config/deployment.js';
import { ConvokeError } from '../contract/errors.js';
import { shardNames } from '../contract/names.js';
import { CERTIFICATE_PARAMETER, OUTPUTS, ZONE_PARAMETER } from '../stack/deployment-stack.js';
import { MINUTES_TO_SERVE } from '../stack/launch.js';
import { chosenZones } from './availability-zones.js';
import { assertPreflight } from './check/preflight.js';
import { deploy } from './deploy.js';
import { dropOthers, isProvenManually, provenCertificate } from './dns/certificate.js';
import { leadingRecords, manualRecords } from './dns/manual-records.js';
import type { ManualRecord } from './dns/record.js';
import { watchRecords } from './dns/wait-for-records.js';
import { joinWithBrowsers, verifyJoin } from './join-meeting.js';
import { latestMetrics } from './latest-metrics.js';
import { askForMail, isMailSent, mailPath, wasMailChecked } from './mail-check.js';
import type { BrowsersResult } from './probe/browsers.js';
import { findChromium } from './probe/chromium.js';
import type { ProbeResult } from './probe/meeting.js';
import { roomOn } from './probe/room-name.js';
import { type OnProgress, step } from './progress.js';
import { missing } from './status.js';

export interface UpOptions {
  readonly account: Account;
  readonly deployment: Deployment;
  readonly onProgress: OnProgress;
  readonly signal?: AbortSignal;
  /** Whether to prove it by joining a meeting. Default: true; false where machines are only simulated. */
  readonly join?: boolean;
  /** Whether to look first for what would stop it half-way. Default: true. */
  readonly check?: boolean;
  /** Whether CloudFormation is not to wait until what it makes is ready. Default: false. */
  readonly express?: boolean;
}

export interface UpResult {
  readonly url: string;
  /** Whether anything had to change. */
  readonly changed: boolean;
  /**
   * Whether alerts are sent: EventBridge counted the mail of the check, or did not count it within three minutes, or no mail was
   * needed since an earlier one was counted and nothing on its way has changed.
   */
  readonly mail: 'sent' | 'unconfirmed' | 'checked before';
  /** Records that the person keeps for it; none where convoke writes them. */
  readonly records: readonly ManualRecord[];
  /** How joining a meeting went, once on each shard; empty when it was not wanted. */
  readonly probes: readonly ProbeResult[];
  /** What browsers saw of each other; undefined where fakes carry no media, or no Chromium is installed. */
  readonly browsers: BrowsersResult | undefined;
  /** Seconds from the start of this `up` to the first picture of somebody else in a browser. */
  readonly firstFrame: number | undefined;
}

const SERVING_PATIENCE_MS = MINUTES_TO_SERVE * 60_000;

/**
 * Brings a deployment to what the file says, and waits until every machine serves and a participant has really been
 * served by each shard: page, WebSocket, room, focus and bridge. Repeating it changes nothing; repeating it after an interruption goes on from there.
 * Throws `Busy` where somebody else is at work on the deployment, `LockLost` where somebody else may be by now.
 */
export function up(options: UpOptions): Promise<UpResult> {
  const { account, deployment } = options;
  return withLock({ account, deployment: deployment.name, verb: 'up' }, (lost) =>
    deployAndVerify({ ...options, signal: either(options.signal, lost) }),
  );
}

async function deployAndVerify(options: UpOptions): Promise<UpResult> {
  const { account, deployment, onProgress, signal } = options;
  const began = account.clock.now().getTime();
  if (options.check !== false) {
    await step(onProgress, account.clock, 'check', 'Look whether account, domain and file fit', () =>
      assertPreflight(account, deployment),
    );
  }
  const parameters = {
    ...(await chosenZones(account, deployment)),
    ...(await stackParameters(options)),
  };
  await step(
    onProgress,
    account.clock,
    'service roles',
    'Make sure that AWS’s services have their roles',
    () => ensureServiceLinkedRoles(account, servicesOf(deployment)),
  );
  const mailBefore = await mailPath(account, deployment);
  const deployed = await step(onProgress, account.clock, 'deploy', 'Deploy', () =>
    deploy({
      account,
      deployment,
      parameters,
      ...(options.express && { express: true }),
      onProgress,
      ...(options.signal && { signal: options.signal }),
    }),
  );
  const asked = account.clock.now();
  // Once, and again when something on its way has changed.
  const isMailOwed =
    (await mailPath(account, deployment)) !== mailBefore || !(await wasMailChecked(account, deployment));
  if (isMailOwed) await askForMail(account, deployment);
  if (deployment.dns.kind === 'manual') await waitForManualDns(options, deployed.outputs, parameters);
  const serve = async () => {
    await assertGroups(account, deployed.outputs[OUTPUTS.groups] ?? '');
    await waitUntilServing(options, deployed.outputs[OUTPUTS.targetGroup] ?? '');
  };
  await step(
    onProgress,
    account.clock,
    'serving',
    'Wait until the machines serve',
    serve,
    SERVING_PATIENCE_MS / 1000,
  );
  const join = options.join !== false;
  if (join && deployment.bridges) {
    await step(onProgress, account.clock, 'bridges', 'Wait until every shard has its bridges', () =>
      waitForBridges(options),
    );
  }
  const probes = join
    ? await step(onProgress, account.clock, 'probe', 'Join a meeting', () => joinMeetings(options))
    : [];
  const real = join && !probes.some(({ usesFakes }) => usesFakes);
  const chromium = real ? findChromium() : undefined;
  const browsers = chromium
    ? await step(onProgress, account.clock, 'browsers', 'Have three browsers meet', () =>
        verifyMedia(options, chromium),
      )
    : undefined;
  const isSent =
    isMailOwed &&
    (await step(onProgress, account.clock, 'mail', 'See whether alerts are sent', () =>
      isMailSent(account, deployment, asked, signal),
    ));
  return {
    url: `https://${deployment.domain}/`,
    changed: deployed.changed,
    mail: isMailOwed ? (isSent ? 'sent' : 'unconfirmed') : 'checked before',
    records: await manualRecords(account, deployment),
    probes,
    browsers,
    firstFrame: browsers?.firstFrameAt && (browsers.firstFrameAt.getTime() - began) / 1000,
  };
}

/** Services that act in roles of their own for a deployment. */
const servicesOf = ({ bridges }: Deployment): LinkedService[] => [
  'autoscaling.amazonaws.com',
  'elasticloadbalancing.amazonaws.com',
  ...(bridges && bridges.spot > 0 ? ['spot.amazonaws.com' as const] : []),
];

/** The zone's id, or the certificate that a person's records prove: values of the template's parameters. */
async function stackParameters(options: UpOptions): Promise<Record<string, string>> {
  const { account, deployment, onProgress } = options;
  const { dns, domain } = deployment;
  if (dns.kind === 'route53') {
    const id = await step(onProgress, account.clock, 'zone', `Find the zone of ${dns.zone}`, () =>
      hostedZoneId(account, dns.zone),
    );
    return { [ZONE_PARAMETER]: id };
  }
  if (!isProvenManually(deployment)) return {};
  const arn = await step(
    onProgress,
    account.clock,
    'certificate',
    `Have a certificate issued for ${domain}`,
    () => provenCertificate(options),
  );
  return { [CERTIFICATE_PARAMETER]: arn };
}

/** Shows the person where the names have to lead, and waits until they do. The machines start in the meantime. */
async function waitForManualDns(
  { account, deployment, onProgress, signal }: UpOptions,
  outputs: Readonly<Record<string, string>>,
  parameters: Readonly<Record<string, string>>,
): Promise<void> {
  const { domain } = deployment;
  const certificate = parameters[CERTIFICATE_PARAMETER];
  if (certificate) await dropOthers(account, deployment, certificate);
  await step(onProgress, account.clock, 'names', `Wait until ${domain} leads to the load balancer`, () =>
    watchRecords({
      account,
      records: leadingRecords(deployment, outputs),
      title: `Add this where the zone of ${domain} is kept (where no CNAME is possible, at the top of a zone, an ALIAS or ANAME)`,
      onProgress,
      ...(signal && { signal }),
    }),
  );
}

/** CloudFormation compares files, and does not see what somebody deleted by hand. */
async function assertGroups(account: Account, names: string): Promise<void> {
  const gone = await absentGroups(account, names.split(',').filter(Boolean));
  if (gone.length === 0) return;
  throw new ConvokeError('GroupGone', {
    what: `CloudFormation has made ${gone.join(', ')}, and it is not there any more.`,
    why: 'Somebody deleted it by hand. Nothing starts machines in its place, and CloudFormation does not see it.',
    now: 'Run "convoke down", then "convoke up".',
    fault: 'person',
  });
}

async function waitUntilServing(
  { account, deployment, signal }: UpOptions,
  targetGroup: string,
): Promise<void> {
  const deadline = account.clock.now().getTime() + SERVING_PATIENCE_MS;
  for (;;) {
    const all = await machines(account, deployment.name, targetGroup);
    const lacking = missing(all, deployment);
    if (lacking.length === 0) return;
    if (account.clock.now().getTime() > deadline) {
      throw new ConvokeError('NotServing', {
        what: `After ${MINUTES_TO_SERVE} minutes this does not serve: ${lacking.join(', ')}.`,
        why: all
          .map(({ id, role, shard, state, lifecycle, target }) =>
            [`${id} (${role}${shard && ` ${shard}`}) is ${state}`, lifecycle, target]
              .filter(Boolean)
              .join(', '),
          )
          .join('; '),
        now: 'Look at the machine’s console output in the EC2 console: its last lines say where provisioning stopped.',
      });
    }
    await account.clock.wait(account.endpoint ? 250 : 5_000, signal);
  }
}

/** A bridge is in service for its group before its daemon runs; each shard tells once a minute how many it can use. */
async function waitForBridges({ account, deployment, signal }: UpOptions): Promise<void> {
  const wanted = deployment.bridges?.min ?? 0;
  const deadline = account.clock.now().getTime() + SERVING_PATIENCE_MS;
  for (;;) {
    const { shards } = await latestMetrics(account, deployment);
    if (shards.every(({ bridges = 0 }) => bridges >= wanted)) return;
    if (account.clock.now().getTime() > deadline) {
      throw new ConvokeError('BridgesMissing', {
        what: `After ${MINUTES_TO_SERVE} minutes not every shard can use ${wanted} bridge${wanted === 1 ? '' : 's'}.`,
        why: shards.map(({ shard, bridges }) => `shard ${shard} counts ${bridges ?? 'none yet'}`).join('; '),
        now: 'Look at the bridges’ console output in the EC2 console: its last lines say where provisioning stopped.',
      });
    }
    await account.clock.wait(account.endpoint ? 500 : 5_000, signal);
  }
}

/** A machine may serve its page a moment before Prosody and Jicofo are ready, and DNS may lag behind: try for a while. */
const JOIN_PATIENCE_MS = 5 * 60_000;

/** One meeting on each shard. */
async function joinMeetings(options: UpOptions): Promise<ProbeResult[]> {
  const probes: ProbeResult[] = [];
  for (const shard of shardNames(options.deployment.shards)) probes.push(await joinMeeting(options, shard));
  return probes;
}

async function joinMeeting({ account, deployment, signal }: UpOptions, shard: string): Promise<ProbeResult> {
  const deadline = account.clock.now().getTime() + JOIN_PATIENCE_MS;
  for (;;) {
    const room = await roomOn(shard, deployment.domain, account.endpointOverride);
    const result = await verifyJoin(account, deployment, {
      ...(room && { room }),
      ...(signal && { signal }),
    });
    if (result.ok && room) return result;
    if (account.clock.now().getTime() > deadline) {
      const failed = result.steps.find(({ ok }) => !ok);
      throw new ConvokeError('CannotJoin', {
        what: `A participant could not join a meeting on shard ${shard} at https://${deployment.domain}/${failed ? `: ${failed.name} failed` : ''}.`,
        why: failed?.detail ?? `No room is sent to shard ${shard}: the edges take it for dead.`,
        now: '"convoke status" shows the machines; if they are healthy, see that the domain leads to the load balancer.',
      });
    }
    await account.clock.wait(account.endpoint ? 500 : 5_000, signal);
  }
}

async function verifyMedia(
  { account, deployment, signal }: UpOptions,
  chromium: string,
): Promise<BrowsersResult> {
  const meet = () => joinWithBrowsers(account, deployment, chromium, { ...(signal && { signal }) });
  const first = await meet();
  // Machines that have just started are at their slowest, and what failed then says little of them.
  const result = first.ok ? first : await meet();
  if (result.ok) return result;
  throw new ConvokeError('NoMedia', {
    what: `Signalling works at https://${deployment.domain}/, but a meeting of three browsers does not, tried twice.`,
    why: result.detail,
    now: 'See that UDP port 10000 of the machine can be reached from here, then run the same command again.',
  });
}
