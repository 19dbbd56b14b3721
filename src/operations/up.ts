import { either, withLock } from '../cloud/lock.js';
import type { MachineImage } from '../cloud/machine-images.js';
import { ensureServiceLinkedRoles } from '../cloud/service-linked-roles.js';
import type { Deployment } from '../config/deployment.js';
import { ConvokeError } from '../contract/errors.js';
import type { LinkedService } from '../contract/published-names.js';
import type { Release, ReleaseState } from '../contract/release.js';
import { CERTIFICATE_PARAMETER, IMAGE_PARAMETER, OUTPUTS } from '../contract/template.js';
import { chosenZones } from './availability-zones.js';
import { type BakeOptions, bake, beginToBake, type Requested } from './bake/bake.js';
import { imageParameter, removeSurplusImages, startsFromOwnImage } from './bake/image.js';
import { assertPreflight } from './check/preflight.js';
import { dropOthers } from './dns/certificate.js';
import { leadingRecords, manualRecords } from './dns/manual-records.js';
import type { ManualRecord } from './dns/record.js';
import { rememberReplacedProofs } from './dns/replaced-certificate.js';
import { watchRecords } from './dns/wait-for-records.js';
import { askForMail, isMailSent, mailPath, wasMailChecked } from './mail-check.js';
import { openIfClosed, waitForPage } from './open.js';
import type { Operation } from './operation.js';
import type { BrowsersResult } from './probe/browsers.js';
import { findChromium } from './probe/chromium.js';
import type { ProbeResult } from './probe/meeting.js';
import { step } from './progress.js';
import { assertRecorder, releasesFor } from './release/releases.js';
import type { RollingOptions } from './roll/deploy-and-roll.js';
import { stackParameters } from './stack-parameters.js';
import { subscribers } from './subscriptions.js';
import { joinMeetings, verifyGroup, verifyMedia } from './verify-deployment.js';
import { assertGroups, SERVING_PATIENCE_MS, waitForBridges, waitUntilServing } from './wait-until-serving.js';

export interface UpOptions extends Operation {
  /** Whether to verify the deployment by joining a meeting. Default: true. */
  readonly join?: boolean;
  /** Whether to run the preflight checks first. Default: true. */
  readonly check?: boolean;
  /** Whether to make a machine image if there is none that is enough. Default: false. */
  readonly bake?: boolean;
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
  /** The machine image that machines start from; undefined: Debian's. */
  readonly image: string | undefined;
  /** Why no machine image could be made, a sentence. Machines then start from Debian's. */
  readonly imageFailure: string | undefined;
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

/**
 * `choose`: finds the releases to deploy. `isEnough`: whether an upgrade needs no new machine image. The caller holds the
 * lock.
 */
export async function deployAndVerify(
  options: UpOptions,
  choose: () => Promise<ReleaseState | undefined>,
  isEnough?: BakeOptions['isEnough'],
): Promise<UpResult> {
  const { account, deployment, onProgress, signal } = options;
  const began = account.clock.now().getTime();
  if (options.check !== false) {
    await step(onProgress, account.clock, 'check', 'Check the account, the domain and the settings', () =>
      assertPreflight(account, deployment),
    );
  }
  await openIfClosed(options);
  const releases = await step(onProgress, account.clock, 'release', 'Find the release of Jitsi', choose);
  assertRecorder(deployment, releases);
  const parameters = {
    ...(await chosenZones(account, deployment)),
    ...(await stackParameters(options)),
    ...(await imageParameter(account, deployment, releases)),
  };
  const baking =
    options.bake && startsFromOwnImage(deployment, releases)
      ? { ...options, releases, release: releases.release, ...(isEnough && { isEnough }) }
      : undefined;
  await step(onProgress, account.clock, 'service roles', 'Ensure that the service-linked roles exist', () =>
    ensureServiceLinkedRoles(account, servicesOf(deployment)),
  );
  const mailBefore = await mailPath(account, deployment);
  if (deployment.dns.kind === 'route53') await rememberReplacedProofs(account, deployment);
  const upgrades = options.machines === 'upgrade';
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
    ...(baking &&
      upgrades && { makeImage: async () => (await bakeInStep(baking, 'Make a machine image')).id }),
    ...(options.join !== false && { verify: (group: string) => verifyGroup(options, group) }),
  });
  // It installs while the deployment is verified.
  const begun = baking && !upgrades ? await beginToBake(baking).catch(() => undefined) : undefined;
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
    if (deployment.hours) await waitForPage(options);
  };
  await step(onProgress, account.clock, 'serving', 'Wait until the machines are healthy', serve, {
    limit: SERVING_PATIENCE_MS / 1000,
  });
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
  const image =
    baking && !upgrades
      ? await startFromImage(options, { ...baking, begun }, parameters)
      : { id: deployed.image };
  if (baking && image.id) {
    const groups = (deployed.outputs[OUTPUTS.groups] ?? '').split(',');
    // The next run tries again.
    await removeSurplusImages(account, deployment, baking.releases, groups).catch(() => 0);
  }
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
    image: image.id ?? parameters[IMAGE_PARAMETER],
    imageFailure: image.failure,
    mail: isMailOwed ? (isSent ? 'sent' : 'unconfirmed') : 'checked before',
    unconfirmed: (await subscribers(account, deployed.outputs[OUTPUTS.topic])).unconfirmed,
    records: await manualRecords(account, deployment),
    probes,
    browsers,
    firstFrame: browsers?.firstFrameAt && (browsers.firstFrameAt.getTime() - began) / 1000,
  };
}

/**
 * Has machines that start from now on start from a machine image, which is made if there is none; running machines stay. The
 * deployment serves without it, so a failure is reported and nothing more.
 */
async function startFromImage(
  options: UpOptions,
  baking: BakeOptions & { readonly releases: ReleaseState; readonly begun: Requested | undefined },
  parameters: Readonly<Record<string, string>>,
): Promise<{ id?: string; failure?: string }> {
  const { account, onProgress, signal } = options;
  try {
    const { id } = await bakeInStep(
      baking,
      'Make a machine image for machines that start later; meetings work meanwhile',
      baking.begun,
    );
    const { deploy } = await import('./deploy.js');
    await step(onProgress, account.clock, 'image', 'Deploy the machine image', () =>
      deploy({ ...options, releases: baking.releases, parameters: { ...parameters, [IMAGE_PARAMETER]: id } }),
    );
    return { id };
  } catch (error) {
    if (signal?.aborted || !(error instanceof Error)) throw error;
    const why = error instanceof ConvokeError ? error.why : undefined;
    return { failure: [error.message, why].filter(Boolean).join(' ') };
  }
}

const bakeInStep = (baking: BakeOptions, title: string, begun?: Requested): Promise<MachineImage> =>
  step(baking.onProgress, baking.account.clock, 'bake', title, () => bake(baking, begun));

/** Services that need a service-linked role for the deployment. */
const servicesOf = ({ bridges }: Deployment): LinkedService[] => [
  'autoscaling.amazonaws.com',
  'elasticloadbalancing.amazonaws.com',
  ...(bridges && bridges.spot > 0 ? ['spot.amazonaws.com' as const] : []),
];

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
