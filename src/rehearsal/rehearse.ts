import { accessSync, constants } from 'node:fs';
import { EC2Client, TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import type { Account } from '../cloud/account.js';
import { client } from '../cloud/clients.js';
import { systemClock } from '../cloud/clock.js';
import type { Deployment } from '../config/deployment.js';
import { makeFolder } from '../config/folder.js';
import { ConvokeError } from '../contract/errors.js';
import { architectureDiagram } from '../operations/diagram/diagram.js';
import type { OnProgress } from '../operations/progress.js';
import { accountIn, assertPossible, isRunning, startRehearsal } from './account.js';
import { stopCloud } from './cloud.js';
import type { RehearsalCloud } from './cloud-client.js';
import { preparedFor, rehearsedDeployment } from './packages.js';
import { paths } from './paths.js';
import { type Report, writeReport } from './report.js';
import { type ScenarioContext, ScenarioLog } from './scenarios/context.js';
import { DEFAULT_SCENARIOS, runScenarios, type ScenarioName } from './scenarios/scenarios.js';
import { runSolo } from './scenarios/solo.js';
import { runDown, runUp } from './scenarios/up-and-down.js';

export interface RehearseOptions {
  readonly deployment: Deployment;
  /** Folder for the report. */
  readonly report: string;
  readonly home?: string;
  readonly ports?: { readonly aws: number; readonly web: number };
  readonly controlPlaneOnly: boolean;
  readonly install: boolean;
  /** Whether machines start from an image with all packages installed. */
  readonly prepared: boolean;
  /** The scenarios between up and down. Default: by the size of the deployment. */
  readonly scenarios?: readonly ScenarioName[];
  /** Leave the cloud and the deployment running at the end. */
  readonly keep: boolean;
  readonly onProgress: OnProgress;
  /** The first line of output: what is real in this rehearsal and what is not. */
  readonly announce: (sentence: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Takes a deployment through its whole life on this machine and writes a report. A failed scenario is in the report,
 * too.
 */
export async function rehearse(options: RehearseOptions): Promise<Report> {
  const { onProgress, signal } = options;
  const began = systemClock.now();
  assertNoneRuns(options.home);
  await assertPossible(options);
  makeFolder(options.report);
  // Checked before minutes of work whose report could not be written.
  accessSync(options.report, constants.W_OK);
  // Simulated machines install nothing.
  const { deployment, media } = options.controlPlaneOnly
    ? { deployment: options.deployment, media: 'none' as const }
    : await rehearsedDeployment(options.deployment, paths(options.home));
  options.announce(announcement(media));
  // With simulated machines no participant is affected; the test is that machines are replaced.
  const scenarios = options.controlPlaneOnly ? [] : (options.scenarios ?? DEFAULT_SCENARIOS[deployment.size]);
  let failure: unknown;
  let mails: () => Report['mails'] = () => [];
  const leftovers: string[] = [];
  const report = (complete: boolean): Report => ({
    started: began.toISOString(),
    domain: deployment.domain,
    size: deployment.size,
    cloud: options.controlPlaneOnly ? 'control plane only' : 'machines',
    // The fakes that a participant detected count, whatever the packages claim.
    media: record.usesFakes || record.probes.some(({ usesFakes }) => usesFakes) ? 'fakes' : media,
    complete,
    ok: complete && failure === undefined,
    seconds: (systemClock.now().getTime() - began.getTime()) / 1000,
    steps: record.steps,
    probes: record.probes,
    browsers: record.browsers,
    timeline: record.timeline,
    scenarios: record.scenarios,
    mails: mails(),
    leftovers,
    picture: architectureDiagram(deployment),
  });
  const record = new ScenarioLog(systemClock, onProgress, () => writeReport(options.report, report(false)));
  try {
    const cloud = await record.step('cloud', 'Start a cloud on this machine', () =>
      startRehearsal(deployment.region, {
        ...options,
        ...(options.prepared &&
          media !== 'none' &&
          deployment.packages.kind === 'directory' && {
            prepare: preparedFor({ ...deployment, packages: deployment.packages }),
          }),
      }),
    );
    mails = () => cloud.mails();
    const account = await accountIn(cloud, deployment);
    const context: ScenarioContext = {
      account,
      deployment,
      clock: systemClock,
      onProgress: addingRecords(cloud, onProgress),
      signal,
      machines: !options.controlPlaneOnly,
      cutPower: (id) => (options.controlPlaneOnly ? terminate(account, id) : cloud.cutPower(id)),
      mails: async () => cloud.mails(),
    };
    try {
      await runUp(context, record);
      if (scenarios.length > 0) await runScenarios(context, record, scenarios);
      else await runSolo(context, record);
    } catch (error) {
      failure = error;
    }
    if (!options.keep) await runDown({ ...context, signal: new AbortController().signal }, record);
  } catch (error) {
    failure ??= error;
  }
  // They end with the cloud.
  const sent = mails();
  mails = () => sent;
  if (!options.keep) {
    await record
      .step('stop', 'Stop the cloud and clear this machine', async () => {
        leftovers.push(...(await stopCloud(options.home)));
        if (leftovers.length) throw new Error(`left: ${leftovers.join(', ')}`);
      })
      .catch((error: unknown) => {
        failure ??= error;
      });
  }
  const final = report(true);
  writeReport(options.report, final);
  if (failure !== undefined) throw failure;
  return final;
}

/** With manual DNS the scenario acts as the user and adds the records that it is shown. */
function addingRecords(cloud: RehearsalCloud, onProgress: OnProgress): OnProgress {
  const added = new Set<string>();
  return (event) => {
    onProgress(event);
    if (event.kind !== 'records') return;
    const fresh = event.records.filter(({ name }) => !added.has(name));
    for (const { name } of fresh) added.add(name);
    cloud.addRecords(fresh);
  };
}

/** A scenario ends by deleting everything, which must not belong to another run. */
function assertNoneRuns(home: string | undefined): void {
  if (!isRunning(home)) return;
  throw new ConvokeError('RehearsalRunning', {
    what: 'A rehearsal is running on this machine already.',
    why: 'A scenario starts and ends without a cloud.',
    now: 'End it with "convoke --cloud rehearsal down", or run the scenarios elsewhere with CONVOKE_HOME and --ports.',
    fault: 'user',
  });
}

/** The closest equivalent of a power cut for a simulated machine. */
async function terminate(account: Account, id: string): Promise<void> {
  await client(account, EC2Client).send(
    new TerminateInstancesCommand({ InstanceIds: [id], SkipOsShutdown: true }),
  );
}

function announcement(media: Report['media']): string {
  if (media === 'none') {
    return 'Control plane only: machines are simulated, so nothing is installed and nobody can join a meeting.';
  }
  return media === 'real'
    ? 'Real machines and Jitsi’s real packages, on this machine.'
    : 'Fakes stand in for Videobridge, Jicofo and the web client, since no folder of Jitsi’s real packages was given (--packages DIR): signalling is real, media is not.';
}
