import type { Account } from '../cloud/account.js';
import { targetStates } from '../cloud/machines.js';
import { hostedZoneId } from '../cloud/zones.js';
import type { Deployment } from '../config/deployment.js';
import { ConvokeError } from '../config/errors.js';
import { OUTPUTS } from '../stack/deployment-stack.js';
import { deploy } from './deploy.js';
import { probeToken } from './invite.js';
import { tryToJoin } from './join.js';
import { type BrowsersResult, findChromium, probeBrowsers } from './probe/browsers.js';
import { type ProbeResult, probeRoom } from './probe/meeting.js';
import { type OnProgress, resourceProgress, step } from './progress.js';

export interface UpOptions {
  readonly account: Account;
  readonly deployment: Deployment;
  readonly onProgress: OnProgress;
  readonly signal?: AbortSignal;
  /** Whether to prove it by joining a meeting. Default: true; false where machines are only simulated. */
  readonly join?: boolean;
}

export interface UpResult {
  readonly url: string;
  /** Whether anything had to change. */
  readonly changed: boolean;
  /** How joining a meeting went; undefined when it was not wanted. */
  readonly probe: ProbeResult | undefined;
  /** What browsers saw of each other; undefined where understudies carry no media, or no Chromium is installed. */
  readonly browsers: BrowsersResult | undefined;
  /** Seconds from the start of this `up` to the first picture of somebody else in a browser. */
  readonly firstFrame: number | undefined;
}

/** How long a machine may take from launch to serving: boot, packages, start. Measured: see docs/measurements.md. */
const SERVING_PATIENCE_MS = 15 * 60_000;

/**
 * Brings a deployment to what the file says, and waits until a participant has really been served: page, WebSocket,
 * room and focus. Repeating it changes nothing; repeating it after an interruption goes on from there.
 */
export async function up(options: UpOptions): Promise<UpResult> {
  const { account, deployment, onProgress, signal } = options;
  const { dns } = deployment;
  const began = account.clock.now().getTime();
  const zoneId =
    dns.kind === 'route53'
      ? await step(onProgress, account.clock, 'zone', `Find the zone of ${dns.zone}`, () =>
          hostedZoneId(account, dns.zone),
        )
      : undefined;
  const deployed = await step(onProgress, account.clock, 'deploy', 'Deploy', () =>
    deploy({
      account,
      deployment,
      zoneId,
      onEvent: (event, count) => onProgress(resourceProgress(event, count)),
    }),
  );
  await step(onProgress, account.clock, 'serving', 'Wait until the machine serves', () =>
    waitUntilServing(account, deployed.outputs[OUTPUTS.targetGroup] ?? '', signal),
  );
  const probe =
    options.join === false
      ? undefined
      : await step(onProgress, account.clock, 'probe', 'Join a meeting', () => joinMeeting(options));
  const chromium = probe && !probe.understudied ? findChromium() : undefined;
  const browsers = chromium
    ? await step(onProgress, account.clock, 'browsers', 'Have three browsers see each other', () =>
        seeEachOther(options, chromium),
      )
    : undefined;
  return {
    url: `https://${deployment.domain}/`,
    changed: deployed.changed,
    probe,
    browsers,
    firstFrame: browsers?.firstFrameAt && (browsers.firstFrameAt.getTime() - began) / 1000,
  };
}

async function waitUntilServing(account: Account, targetGroup: string, signal?: AbortSignal): Promise<void> {
  const deadline = account.clock.now().getTime() + SERVING_PATIENCE_MS;
  for (;;) {
    const states = await targetStates(account, targetGroup);
    if (states.some(({ state }) => state === 'healthy')) return;
    if (account.clock.now().getTime() > deadline) {
      throw new ConvokeError('NotServing', {
        what: `No machine serves after ${SERVING_PATIENCE_MS / 60_000} minutes.`,
        why: states
          .map(({ id, state, reason }) => `${id} is ${state}${reason ? ` (${reason})` : ''}`)
          .join('; '),
        now: 'Look at the machine’s console output in the EC2 console: its last lines say where provisioning stopped.',
      });
    }
    await account.clock.wait(account.endpoint ? 250 : 5_000, signal);
  }
}

/** A machine may serve its page a moment before Prosody and Jicofo are ready, and DNS may lag behind: try for a while. */
const JOIN_PATIENCE_MS = 5 * 60_000;

async function joinMeeting({ account, deployment, signal }: UpOptions): Promise<ProbeResult> {
  const deadline = account.clock.now().getTime() + JOIN_PATIENCE_MS;
  for (;;) {
    const result = await tryToJoin(account, deployment, signal);
    if (result.ok) return result;
    if (account.clock.now().getTime() > deadline) {
      const failed = result.steps.find(({ ok }) => !ok);
      throw new ConvokeError('CannotJoin', {
        what: `A participant could not join a meeting at https://${deployment.domain}/: ${failed?.name} failed.`,
        why: failed?.detail ?? '',
        now: '"convoke status" shows the machines; if they are healthy, see that the domain leads to the load balancer.',
      });
    }
    await account.clock.wait(account.endpoint ? 500 : 5_000, signal);
  }
}

async function seeEachOther(
  { account, deployment, signal }: UpOptions,
  chromium: string,
): Promise<BrowsersResult> {
  const room = probeRoom();
  const result = await probeBrowsers(deployment.domain, chromium, {
    clock: account.clock,
    room,
    token: await probeToken(account, deployment, room),
    ...(account.reach && { reach: account.reach }),
    ...(signal && { signal }),
  });
  if (result.ok) return result;
  throw new ConvokeError('NoMedia', {
    what: `Signalling works at https://${deployment.domain}/, but three browsers do not see each other.`,
    why: result.detail,
    now: 'See that UDP port 10000 of the machine can be reached from here, then run the same command again.',
  });
}
